"""Figures as server-sent events (WHATWG HTML, section 9.2). Knows no model: the reader is given."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from realtime.listening import listening

REREAD_SECONDS = 5.0
BEAT_SECONDS = 15.0
LEAST_PAUSE = 0.25
_RECONNECT_MS = 2_000

Figures = dict[str, Any]
Read = Callable[[], Awaitable[Figures | None]]


async def events(
    *, group: str, read: Read, is_final: Callable[[Figures], bool], seen: int | None
) -> AsyncGenerator[bytes, None]:
    """Yield an event for each new version, at most four a second; ends after a final state.

    It also ends when the process does: the client comes back and is served by another one.

    A message of the group only says that there is news; the figures are read every five seconds
    anyway. A comment every 15 seconds tells proxies and clients that the stream is alive.

    :param read: gives the figures, None to end the stream
    :param seen: version that the client has
    """
    yield f"retry: {_RECONNECT_MS}\n\n".encode()
    said_at = time.monotonic()
    async with listening(group) as ear:
        while (figures := await read()) is not None:
            if figures["version"] != seen:
                seen, said_at = figures["version"], time.monotonic()
                yield _event(figures)
            elif time.monotonic() - said_at >= BEAT_SECONDS:
                said_at = time.monotonic()
                yield b": still here\n\n"
            if is_final(figures) or ear.ending:
                return
            await asyncio.sleep(LEAST_PAUSE)
            await ear.news(within=REREAD_SECONDS - LEAST_PAUSE)


def _event(figures: Figures) -> bytes:
    return f"id: {figures['version']}\nevent: job\ndata: {json.dumps(figures)}\n\n".encode()
