"""Hear that something has changed, for whoever is no WebSocket: long polls and event streams."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar
from weakref import WeakSet

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
IsNews = Callable[[dict[str, Any]], bool]


class Ear:
    """Waits for messages to its groups; what came between two waits is not missed.

    Once the process is `ending`, nothing is waited for any more.
    """

    ending: ClassVar[bool] = False

    def __init__(self, *groups: str, is_news: IsNews = lambda _: True) -> None:
        """Hear nothing yet.

        :param is_news: is given each message; one that is no news wakes nobody
        """
        self._groups = groups
        self._is_news = is_news
        self._heard = asyncio.Event()
        self._settled = asyncio.Event()
        self._failure: RedisError | OSError | None = None
        _ears.add(self)

    async def news(self, *, within: float) -> None:
        """Wait for a message, `within` seconds at most. It may be of something known already."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), 0.0 if self.ending else max(within, 0.0))
        self._heard.clear()

    async def joined(self, *, within: float) -> None:
        """Wait until it hears all groups, so many seconds at most: what is read next misses none.

        :raises RedisError, OSError: if it does not
        """
        async with asyncio.timeout(within):
            await self._settled.wait()
        if self._failure is not None:
            raise self._failure
        self._heard.clear()

    def wake(self) -> None:
        """End the waiting, as a message does."""
        self._heard.set()

    async def listen(self) -> None:
        """Hear the groups until cancelled, or until their server fails: the rest is silence."""
        layer = get_channel_layer()
        try:
            channel = await layer.new_channel()
            try:
                for group in self._groups:
                    await layer.group_add(group, channel)
                self._settled.set()
                self._heard.set()  # whoever read before this may have missed something
                while True:
                    if self._is_news(await layer.receive(channel)):
                        self._heard.set()
            finally:
                for group in self._groups:
                    await layer.group_discard(group, channel)
        except (RedisError, OSError) as error:
            self._failure = error
            self._settled.set()
            logger.warning("a watcher hears nothing (%s)", type(error).__name__)


_ears: WeakSet[Ear] = WeakSet()


def stop_waiting() -> None:
    """Have all who wait in this process answer now with what there is: it ends."""
    Ear.ending = True
    for ear in list(_ears):
        ear.wake()


@contextlib.asynccontextmanager
async def listening(ear: Ear) -> AsyncIterator[Ear]:
    """Have an ear hear its groups. Without a server it hears nothing: read again now and then.

    The first `news` comes as soon as the groups are joined, so one reading follows that.
    """
    task = asyncio.create_task(ear.listen())
    try:
        yield ear
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
