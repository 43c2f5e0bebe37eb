"""One who watches: what is new for them waits here until they have sent what came before."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]


class Gone(Exception):
    """What is watched is not the watcher's to see, or not any more."""


@dataclass(frozen=True, slots=True)
class News:
    """The figures of a job, and the same as JSON."""

    figures: Figures
    text: str

    @property
    def job_id(self) -> str:
        """Whose figures."""
        return str(self.figures["id"])

    @property
    def version(self) -> int:
        """The version of the job that they tell of."""
        return int(self.figures["version"])


class Watcher:
    """Keeps the newest of each job only, so that nothing piles up for who is slow."""

    def __init__(self, *, patient: bool) -> None:
        """Begin without news.

        :param patient: goes on where no messages are heard, and reads now and then
        """
        self.patient = patient
        self._news: dict[str, News] = {}
        self._woken = asyncio.Event()
        self._failure: Exception | None = None

    async def news(self, *, within: float | None = None) -> list[News]:
        """Wait for news, so many seconds at most; there is none if the process ends, too.

        What there is comes first. It was read after the watching began.

        :raises Gone: if it is not theirs to see
        :raises Exception: whatever else ended the source
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._woken.wait()
        self._woken.clear()
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        news, self._news = self._news, {}
        return list(news.values())

    def offer(self, news: Iterable[News]) -> None:
        """Hand them news, or nothing, which wakes them too."""
        self._news |= {one.job_id: one for one in news}
        self._woken.set()

    def fail(self, failure: Exception) -> None:
        """Tell them that nothing more comes."""
        self._failure = failure
        self._woken.set()
