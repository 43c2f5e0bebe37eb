"""Have Daphne ask who sends a large body, before it takes more than anybody may bring.

POST /api/v1/exclusions/import, 60 MB, a key that expired  ->  401 after 2.5 MB

What the head tells of a key or a session is known to the database, which a thread asks. Meanwhile
nothing is read from the connection, and the clock of the body goes on.
"""

import asyncio
from typing import Any, ClassVar

from asgiref.sync import sync_to_async

from cardgen.server.bodies import BoundedRequest, raw_headers
from realtime.origin import Scope
from toolkit.streams import giving_back

_AT_ONCE = 2  # database connections that strangers may take by this


class AdmittedRequest(BoundedRequest):
    """Reads no more than a usual body until its sender is known to have the right to more."""

    _turns: ClassVar[asyncio.Semaphore] = asyncio.Semaphore(_AT_ONCE)
    _asking: asyncio.Task[None] | None = None
    _whole = False

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Stop reading as soon as it is more than usual."""
        super().handleContentChunk(data)
        too_much = self.received > self.limits.usual.most and not self.refused
        if too_much and self._asking is None:
            self.channel._networkProducer.pauseProducing()  # noqa: SLF001
            self._asking = asyncio.ensure_future(self._admit())

    def requestReceived(self, *arguments: Any) -> None:  # noqa: N802
        """What came in one piece with its end is for the views to answer."""
        self._whole = True
        super().requestReceived(*arguments)

    async def _admit(self) -> None:
        ask = sync_to_async(giving_back(self.limits.refused_upload), thread_sensitive=False)
        async with self._turns:
            answer = await ask(self._scope())
        if self.channel is None:  # the client has gone
            return
        if answer and not self._whole:
            self._refuse(answer)
        else:
            self.channel._networkProducer.resumeProducing()  # noqa: SLF001

    def _scope(self) -> Scope:
        peer = getattr(self.channel.getPeer(), "host", "")  # a Unix socket has none
        return {"headers": raw_headers(self.requestHeaders), "client": [peer, 0]}
