"""Hear that something has changed, for whoever is no WebSocket: long polls and event streams."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import ClassVar
from weakref import WeakSet

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class Ear:
    """Waits for messages to a group; what came between two waits is not missed.

    Once the process is `ending`, nothing is waited for any more.
    """

    ending: ClassVar[bool] = False

    def __init__(self) -> None:
        self._heard = asyncio.Event()
        _ears.add(self)

    async def news(self, *, within: float) -> None:
        """Wait for a message, `within` seconds at most. It may be of something known already."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), 0.0 if self.ending else max(within, 0.0))
        self._heard.clear()

    def wake(self) -> None:
        """End the waiting, as a message does."""
        self._heard.set()

    async def listen(self, group: str) -> None:
        """Hear the group until cancelled, or until its server fails: then the rest is silence."""
        layer = get_channel_layer()
        try:
            channel = await layer.new_channel()
            try:
                await layer.group_add(group, channel)
                self._heard.set()  # whoever read before this may have missed something
                while True:
                    await layer.receive(channel)
                    self._heard.set()
            finally:
                await layer.group_discard(group, channel)
        except (RedisError, OSError) as error:
            logger.warning("a watcher hears nothing (%s)", type(error).__name__)


_ears: WeakSet[Ear] = WeakSet()


def stop_waiting() -> None:
    """Have all who wait in this process answer now with what there is: it ends."""
    Ear.ending = True
    for ear in list(_ears):
        ear.wake()


@contextlib.asynccontextmanager
async def listening(group: str) -> AsyncIterator[Ear]:
    """Have an ear on the group. Without a server it hears nothing: read again now and then.

    The first `news` comes as soon as the group is joined, so one reading follows that.
    """
    ear = Ear()
    task = asyncio.create_task(ear.listen(group))
    try:
        yield ear
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
