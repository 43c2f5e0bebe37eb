"""Which of a job's cards a file holds: a share of them, from one of them on, so many of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from jobs.models import Job
from jobs.results.cards import Block, blocks, lost, telling_deletion
from jobs.results.places import cursor_at, place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share `number`, from 1, of `of`: disjoint, complete and as large, give or take one."""

    number: int
    of: int

    def bounds(self, job: Job) -> tuple[int, int]:
        """Return the places in the job where it begins and ends."""
        return (
            job.produced * (self.number - 1) // self.of,
            job.produced * self.number // self.of,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The cards of a share, or of the whole job, from card `seek` of it on, at most `limit`."""

    share: Share | None = None
    seek: int = 0
    limit: int | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What stands for it in the name of a file, and tells it from any other."""
        share = f"{self.share.number}-of-{self.share.of}" if self.share else ""
        seek = f"seek-{self.seek}" if self.seek else ""
        limit = "" if self.limit is None else f"limit-{self.limit}"
        return tuple(filter(None, (share, seek, limit)))

    def size(self, job: Job) -> int:
        """How many cards it has: none behind the end, and more shares than cards leave some empty.

        It may have fewer from a cursor on.
        """
        begin, end = self._places(job, after="")
        return end - begin

    def stretch(self, job: Job, *, after: str = "") -> tuple[str, str, int]:
        """Return the cursors of the card before its first one and of its last, and its cards.

        :param after: a cursor to go on from; it never widens the selection
        :raises InvalidCursor: if that is not a cursor of this job
        :raises CardsPurged: if they are deleted meanwhile
        """
        with telling_deletion(job):
            begin, end = self._places(job, after=after)
            return cursor_at(job, begin), cursor_at(job, end), end - begin

    def _places(self, job: Job, *, after: str) -> tuple[int, int]:
        begin, end = self.share.bounds(job) if self.share else (0, job.produced)
        begin = max(min(begin + self.seek, end), place_of(job, after))
        if self.limit is not None:
            end = min(end, begin + self.limit)
        return begin, max(begin, end)


EVERYTHING = Selection()


def selected(job: Job, selection: Selection, *, after: str = "") -> Iterator[Block]:
    """Return the cards of a selection; `after` is a cursor to go on from.

    :raises InvalidCursor: at once, if `after` is not a cursor of this job
    :raises CardsPurged: at once, if they are deleted meanwhile
    :raises ResultChanged: at the end, if its cards are not all there any more, or not yet
    """
    begin, until, size = selection.stretch(job, after=after)
    return _all(blocks(job, after=begin, until=until), size=size) if size else iter(())


def _all(found: Iterator[Block], *, size: int) -> Iterator[Block]:
    for block in found:
        size -= len(block)
        yield block
    if size:
        raise lost()
