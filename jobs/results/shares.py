"""Shares of a job's cards: N that are disjoint, complete and as large, give or take one card."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from jobs.models import Job
from jobs.results.cards import (
    Block,
    ResultChanged,
    blocks,
    chunk_ends,
    first_of,
    later,
    telling_deletion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share `number`, from 1, of `of`."""

    number: int
    of: int

    def size(self, job: Job) -> int:
        """How many cards it has: with more shares than cards some have none."""
        return self._end(job) - self._begin(job)

    def stretch(self, job: Job, *, after: str) -> tuple[str, str]:
        """Return the cursors of the card before its first one, or of a later one, and of its last.

        :raises InvalidCursor: if `after` is no cursor
        :raises CardsPurged: if they are deleted meanwhile
        """
        with telling_deletion(job):
            return later(after, _place(job, self._begin(job))), _place(job, self._end(job))

    def _begin(self, job: Job) -> int:
        return job.produced * (self.number - 1) // self.of

    def _end(self, job: Job) -> int:
        return job.produced * self.number // self.of


def shared(job: Job, *, share: Share, after: str = "") -> Iterator[Block]:
    """Return the cards of a share; `after` is a cursor in it to go on from.

    :raises InvalidCursor: at once, if `after` is not a cursor of this job
    :raises CardsPurged: at once, if they are deleted meanwhile
    :raises ResultChanged: if its cards are not all there any more
    """
    if not share.size(job):
        return iter(())
    begin, until = share.stretch(job, after=after)
    return blocks(job, after=begin, until=until)


def _place(job: Job, count: int) -> str:
    """Return the cursor of the card at place `count`, empty for the place before the first.

    Chunks before it are passed by their figures; the one that it lies in is read.
    """
    produced, cursors = chunk_ends(job)
    passed, cursor = 0, ""
    for behind, end in zip(accumulate(produced), cursors, strict=True):
        if behind > count:
            break
        passed, cursor = behind, end
    return cursor if passed == count else _place_in_chunk(job, after=cursor, count=count - passed)


def _place_in_chunk(job: Job, *, after: str, count: int) -> str:
    for block in blocks(job, after=after):
        if len(block) >= count:
            return first_of(block, count).cursor
        count -= len(block)
    raise ResultChanged
