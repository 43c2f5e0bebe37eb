"""Have a large body read as Django asks for it, with pauses for others.

Daphne puts all of it into a queue, in pieces of 8 KiB, and the event loop stands still meanwhile.
"""

import asyncio
from typing import IO, Any

from daphne.server import Server  # type: ignore[import-untyped]

from cardgen.server.bodies import BoundedRequest
from cardgen.server.frames import LimitedProtocol
from realtime.origin import Application, Receive, Scope, Send

_LARGE = 1 << 16  # bytes; below, Daphne's way is as good
_BODY = "cardgen.body"
_create = Server.create_application


def create_application(server: Server, protocol: Any, scope: Scope) -> Any:
    """Take a large body away from Daphne, in place of `Server.create_application`.

    Of a WebSocket say whether it came over TLS: Daphne does not.
    """
    if isinstance(protocol, LimitedProtocol):
        scope["scheme"] = protocol.scheme
    if isinstance(protocol, BoundedRequest) and protocol.received > _LARGE:
        scope["extensions"] = {_BODY: protocol.take_body()}
    return _create(server, protocol, scope)


class Feeding:
    """Hands large bodies on piece by piece."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stand between the server and the application."""
        body = scope.get("extensions", {}).get(_BODY)
        if body is not None:
            await receive()  # the empty body that Daphne found
            receive = _Pieces(body, then=receive).next
        await self._application(scope, receive, send)


class _Pieces:
    """The messages of a body, then whatever else comes."""

    def __init__(self, body: IO[bytes], *, then: Receive) -> None:
        self._body, self._then = body, then
        self._ended = False

    async def next(self) -> Any:
        if self._ended:
            return await self._then()
        await asyncio.sleep(0)  # others have a turn
        piece = self._body.read(_LARGE)
        self._ended = len(piece) < _LARGE
        return {"type": "http.request", "body": piece, "more_body": not self._ended}
