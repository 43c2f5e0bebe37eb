"""Figures as server-sent events (WHATWG HTML, section 9.2). Knows no model: the reader is given."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from realtime.listening import Ear
from realtime.watchers import Figures, Gone, News, Watcher
from toolkit.database import AWAY

_LOOK_SECONDS = 5.0
_BEAT_SECONDS = 15.0
_RECONNECT_MS = 2_000


async def events(
    *,
    watcher: Watcher,
    is_final: Callable[[Figures], bool],
    seen: int | None,
    may: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[bytes, None]:
    """Yield an event for each new version; ends after a final state, and if there is no more.

    It also ends when the process does: the client comes back and is served by another one.

    A comment every 15 seconds tells proxies and clients that the stream is alive.

    :param seen: version that the client has
    :param may: asked every few seconds whether the client still may see it
    """
    yield f"retry: {_RECONNECT_MS}\n\n".encode()
    said_at = time.monotonic()
    while (news := await _news(watcher)) is not None:
        for one in news:
            if one.version != seen:
                seen, said_at = one.version, time.monotonic()
                yield _event(one)
            if is_final(one.figures):
                return
        if Ear.ending or not await may():
            return
        if time.monotonic() - said_at >= _BEAT_SECONDS:
            said_at = time.monotonic()
            yield b": still here\n\n"


async def _news(watcher: Watcher) -> list[News] | None:
    try:
        return await watcher.news(within=_LOOK_SECONDS)
    except (Gone, *AWAY):
        return None


def _event(news: News) -> bytes:
    return f"id: {news.version}\nevent: job\ndata: {news.text}\n\n".encode()
