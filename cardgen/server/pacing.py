"""Have Daphne send a response no faster than its client reads, and end one that fails.

Daphne hands everything to its transport at once, so a slow client of a large download would have
the whole file waiting in memory; and when an application fails in mid-response, it leaves the
connection open with nothing more to come. It has no option for either, so two of its parts are
replaced.
"""

import asyncio
import time
from typing import Any

from daphne import http_protocol  # type: ignore[import-untyped]
from daphne.server import Server  # type: ignore[import-untyped]

STALLED_SECONDS = 120.0
"""A client that reads nothing for so long is gone."""
SLOW_SECONDS = 60.0
LEAST_RATE = 8_192
"""Bytes a second; a client that is waited for so long, and reads less, is hung up on."""

_hand_over = Server.handle_reply


class Pace:
    """Twisted's push producer: the transport says when it is full and when it has room again."""

    def __init__(self) -> None:
        """Start with room."""
        self.room = asyncio.Event()
        self.room.set()

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Hold back: the transport's buffer is full."""
        self.room.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        """Go on."""
        self.room.set()

    def stopProducing(self) -> None:  # noqa: N802
        """Go on to find that the connection is closed."""
        self.room.set()


class PacedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    """A request whose response waits for its client."""

    pace: Pace | None = None
    waited = 0.0

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Listen to the transport from the response's first message on."""
        starts = message.get("type") == "http.response.start"
        if starts and self.pace is None and self.channel is not None and not self.finished:
            self.pace = Pace()
            self.registerProducer(self.pace, streaming=True)
        if self.method == b"HEAD":
            # Twisted drops the first piece of a body, and takes the next one for an answer.
            message = message | {"body": b""}
        super().handle_reply(message)

    def finish(self) -> None:
        """Let go of the transport before Twisted looks; nobody has anything left to wait with."""
        if self.producer is not None and self.channel is not None:
            self.unregisterProducer()
        if self.pace is not None:
            self.pace.room.set()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        """Wake whoever waits for room."""
        if self.pace is not None:
            self.pace.room.set()
        super().connectionLost(reason)

    def handle_exception(self, exception: Exception) -> None:
        """Cut the connection if the response has begun: a clean end would look like the whole."""
        if self._response_started:
            self.abort()
        else:
            super().handle_exception(exception)

    def abort(self) -> None:
        """Hang up at once."""
        if self.channel is not None:
            self.channel.transport.abortConnection()

    async def has_room(self) -> None:
        """Wait until the client has read enough; hang up on one that reads little or nothing.

        Only the time that the client is waited for counts: to write a file may take long.
        """
        if self.pace is None or self.pace.room.is_set():
            return
        began = time.monotonic()
        try:
            await asyncio.wait_for(self.pace.room.wait(), STALLED_SECONDS)
        except TimeoutError:
            self.abort()
        self.waited += time.monotonic() - began
        if self.waited > SLOW_SECONDS and self.sentLength < LEAST_RATE * self.waited:
            self.abort()


async def paced(server: Any, protocol: Any, message: dict[str, Any]) -> None:
    """Hand a message over, in place of `Server.handle_reply`, and wait for room for the next."""
    await _hand_over(server, protocol, message)
    if isinstance(protocol, PacedRequest):
        await protocol.has_room()
