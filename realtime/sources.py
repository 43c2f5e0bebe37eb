"""One reading for all in this process who watch the same: a thousand of them ask as much as one.

A source hears its groups, and reads when something has changed and every few seconds anyway. What
is new it writes as JSON once, and hands that text to its watchers. It lives while it has any.
"""

import asyncio
import contextlib
import contextvars
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from asgiref.sync import SyncToAsync
from redis.exceptions import RedisError

from realtime.listening import Ear, listening
from realtime.watchers import Figures, Gone, News, Watcher
from toolkit.database import AWAY

logger = logging.getLogger(__name__)
T = TypeVar("T")
Groups = tuple[str, ...]
Read = Callable[[set[str]], Awaitable[list[Figures] | None]]
"""Gives the figures of what is watched, None if that is not the viewer's to see. It is told which
ids were announced since the last reading."""
_JOINING = 1.0
"""Seconds for joining the groups: the layer's socket has no timeout."""


class Source:
    """Reads at most four times a second, and tells of it the more seldom the more there are.

    Who comes anew gets a reading of their own, which all who come at the same time share.
    """

    # Lost messages are made up for within 5 s (R18), reading and sending included.
    reread_seconds: ClassVar[float] = 4.0
    least_pause: ClassVar[float] = 0.25
    most_pause: ClassVar[float] = 3.0
    # The pause is so long for each watcher, and for each viewer's reading.
    seconds_for_each: ClassVar[float] = 0.006
    seconds_for_reading: ClassVar[float] = 0.03

    def __init__(self, *, groups: Groups, read: Read) -> None:
        self.read = read
        self._groups = groups
        self.watchers: set[Watcher] = set()
        self._new: set[Watcher] = set()
        self._ahead: dict[Watcher, Mapping[str, int]] = {}
        self._told: Mapping[str, int] = {}
        self._changed: set[str] = set()
        self._due = 0.0
        self._hears = True
        self._ear = Ear(*groups, is_news=self._is_news)
        self._task = detached(self._run())

    @property
    def takes_more(self) -> bool:
        """Tell whether others may watch it: it goes on, and hears of changes."""
        return self._hears and not self._task.done()

    def join(self, watcher: Watcher) -> None:
        """Have one more watch."""
        self.watchers.add(watcher)
        self._new.add(watcher)
        self._ear.wake()

    def leave(self, watcher: Watcher) -> None:
        """Have one less watch."""
        self.watchers.discard(watcher)
        self._new.discard(watcher)
        self._ahead.pop(watcher, None)

    async def end(self) -> None:
        """Stop reading, and leave the groups."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        try:
            async with listening(self._ear):
                await self._join_groups()
                while True:
                    await self._turn()
        except (Gone, OSError, *AWAY) as failure:
            self._fail(self.watchers, failure)
        except Exception as failure:  # whatever it is: nobody may wait for ever
            logger.exception("a source of live figures ended")
            self._fail(self.watchers, failure)

    async def _join_groups(self) -> None:
        """Join the groups before anything is read, so that no change falls in between."""
        try:
            await self._ear.joined(within=_JOINING)
        except (RedisError, OSError) as failure:
            self._hears = False
            self._fail((one for one in self.watchers if not one.patient), failure)

    def _fail(self, watchers: Iterable[Watcher], failure: Exception) -> None:
        for watcher in watchers:
            watcher.fail(failure)

    async def _turn(self) -> None:
        if self._new or time.monotonic() >= self._due:
            await self._look()
        else:
            self._ear.wake()  # there is news, but it is too early to tell so many
        await asyncio.sleep(self.least_pause)
        await self._ear.news(within=self.reread_seconds - self.least_pause)
        if Ear.ending:
            self._offer(self.watchers, [])

    async def _look(self) -> None:
        """Read; tell all there is to who is new, and what is new to all if it is time."""
        due = time.monotonic() >= self._due
        new, self._new = self._new, set()
        changed, self._changed = self._changed, set()
        found = await self.read(changed)
        if found is None:
            raise Gone
        news = [News(figures, json.dumps(figures)) for figures in found]
        self._offer(new, news)
        known = {one.job_id: one.version for one in news}
        self._ahead |= dict.fromkeys(new, known)
        if due:
            self._tell_all(news)
        else:
            self._changed |= changed

    def _offer(self, watchers: Iterable[Watcher], news: list[News]) -> None:
        for watcher in watchers:
            watcher.offer(news)

    def _tell_all(self, news: list[News]) -> None:
        """Tell what is newer; remember only what is still watched, so that nothing piles up."""
        before, ahead = self._told, self._ahead
        fresh = [one for one in news if one.version > before.get(one.job_id, 0)]
        if fresh:
            self._offer(self.watchers - ahead.keys(), fresh)
        for watcher, known in ahead.items():
            watcher.offer([one for one in fresh if one.version > known.get(one.job_id, 0)])
        self._ahead = {}
        self._told = {one.job_id: max(one.version, before.get(one.job_id, 0)) for one in news}
        self._due = time.monotonic() + self._pause()

    def _pause(self) -> float:
        """Leave the core to others: count all who watch the same, whoever they are."""
        sources = _sources.get(self._groups, {}).values()
        watchers = sum(len(source.watchers) for source in sources)
        pause = watchers * self.seconds_for_each + len(sources) * self.seconds_for_reading
        return min(max(pause, self.least_pause), self.most_pause)

    def _is_news(self, message: Mapping[str, Any]) -> bool:
        """Remember what has changed, unless all were told of it."""
        if message["version"] <= self._told.get(message["id"], 0):
            return False
        self._changed.add(message["id"])
        return True


_sources: dict[Groups, dict[object, Source]] = {}
"""By groups and viewer."""


@contextlib.asynccontextmanager
async def watching(
    *, groups: Groups, viewer: object, read: Read, patient: bool = False
) -> AsyncIterator[Watcher]:
    """Watch what one viewer sees of some groups; `Watcher.news` gives it, and raises what ends it.

    :param viewer: primary key of whoever watches; all of them share a source
    :param read: takes the place of that of the watchers before: it knows the viewer's newest rights
    :param patient: goes on where no messages are heard, and reads now and then
    """
    watcher = Watcher(patient=patient)
    source = _source(groups, viewer, read)
    source.join(watcher)
    try:
        yield watcher
    finally:
        source.leave(watcher)
        if not source.watchers:
            _forget(groups, viewer, source)
            await source.end()


def read_as(*, groups: Groups, viewer: object, read: Read) -> None:
    """Have a source read by what was found out about the viewer last."""
    if source := _sources.get(groups, {}).get(viewer):
        source.read = read


def _source(groups: Groups, viewer: object, read: Read) -> Source:
    mine = _sources.setdefault(groups, {})
    found = mine.get(viewer)
    if found is None or not found.takes_more:
        found = mine[viewer] = Source(groups=groups, read=read)
    found.read = read
    return found


def _forget(groups: Groups, viewer: object, source: Source) -> None:
    mine = _sources.get(groups, {})
    if mine.get(viewer) is source:
        del mine[viewer]
    if not mine:
        _sources.pop(groups, None)


def detached(running: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run it in no request's thread: it may outlive the request that began it."""
    context = contextvars.copy_context()
    context.run(SyncToAsync.thread_sensitive_context.set, None)  # type: ignore[arg-type]
    return asyncio.create_task(running, context=context)
