"""Have Daphne end without dropping a request.

Told to end, it cancelled what was in hand. Now it takes no new connection (others that share the
socket do, or the kernel keeps them), answers what is in hand, and closes each connection behind its
answer. It has no option for this, so the request class and a method of the server are replaced.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from daphne.server import Server  # type: ignore[import-untyped]
from twisted.internet import reactor, tcp
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort

from cardgen.server.admission import AdmittedRequest
from cardgen.server.frames import LimitedProtocol

PATIENCE = 10.0
"""Seconds for what is in hand; the supervisor waits a little longer before it kills."""
_IDLE = 1.0  # a client's next request may be on its way: it is answered, not cut off
_CANCELLING = 1.0
_LOOK_EVERY = 0.05
_reactor: Any = reactor  # its module has no types
logger = logging.getLogger(__name__)


class LastRequest(AdmittedRequest):
    """A request that is the last one of its connection if the process ends."""

    ends: ClassVar[bool] = False

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Say that the connection will be closed, while that can still be said."""
        if self.ends and message.get("type") == "http.response.start":
            self.setHeader(b"Connection", b"close")
            self.close_afterwards()
        super().handle_reply(message)

    def close_afterwards(self) -> None:
        """Have the connection closed when all of the answer is sent."""
        if self.channel is not None:
            self.channel.persistent = False


def farewell(*, close_code: int, wake: Callable[[], None]) -> Callable[[Server], Deferred[None]]:
    """Return what stands in place of `Server.kill_all_applications`: Twisted waits for it.

    :param close_code: what WebSockets are told
    :param wake: ends the waiting of requests that wait for news
    """

    def begin(server: Server) -> Deferred[None]:
        return Deferred.fromFuture(asyncio.ensure_future(_end(server, close_code, wake)))

    return begin


async def _end(server: Server, close_code: int, wake: Callable[[], None]) -> None:
    _take_no_more(server)
    wake()
    begun = time.monotonic()
    while _is_busy(server) and (waited := time.monotonic() - begun) < PATIENCE:
        for socket in _in_hand(server, LimitedProtocol):
            if socket.state == socket.STATE_OPEN:
                socket.serverClose(code=close_code)
        if waited >= _IDLE:
            _close_idle()
        await asyncio.sleep(_LOOK_EVERY)
    await _cancel(server)


def _take_no_more(server: Server) -> None:
    LastRequest.ends = True
    for port in _reactor.getReaders():
        if IListeningPort.providedBy(port):  # of TCP, TLS or a Unix socket
            port.stopListening()
    for request in _in_hand(server, LastRequest):
        request.close_afterwards()


def _in_hand(server: Server, kind: type) -> Iterator[Any]:
    """Find requests that are not answered yet, or WebSockets that are open."""
    for protocol, details in list(server.connections.items()):
        if isinstance(protocol, kind) and "disconnected" not in details:
            yield protocol


def _connections() -> list[tcp.Server]:
    """Return the connections that are read from or still written to."""
    moving = {*_reactor.getReaders(), *_reactor.getWriters()}
    return [one for one in moving if isinstance(one, tcp.Server)]


def _is_busy(server: Server) -> bool:
    return bool(_connections()) or any(_in_hand(server, object))


def _close_idle() -> None:
    """Close the connections that are kept for a next request."""
    for connection in _connections():
        behind_tls = getattr(connection.protocol, "wrappedProtocol", connection.protocol)
        channel = getattr(behind_tls, "_channel", None)  # a WebSocket has none
        if channel is not None and not channel.requests:
            channel.loseConnection()


async def _cancel(server: Server) -> None:
    """Cut off what was not done in time."""
    found = [details.get("application_instance") for details in server.connections.values()]
    running = [one for one in found if one is not None and not one.done()]
    for application in running:
        application.cancel()
    if running:
        logger.warning("%d requests were cut off: they took too long to end", len(running))
        await asyncio.wait(running, timeout=_CANCELLING)
