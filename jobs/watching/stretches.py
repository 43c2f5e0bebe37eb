"""How fast a job went from its beginning on, by the times at which its chunks were committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.models import FINAL, Chunk, Job

MOST = 60
_SHORTEST = timedelta(seconds=0.5)
_Commits = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the time that a job took, as long as every other, and the cards that came in it."""

    at: datetime
    seconds: float
    cards: int

    @property
    def rate(self) -> float:
        """Cards per second."""
        return self.cards / self.seconds


def history(job: Job, *, now: datetime) -> list[Stretch]:
    """Cut the time from the first lease to the last commit into stretches; none if too short.

    A chunk's cards come all at its commit, so a stretch has the time of two chunks or more. While
    a job waits or stands still, that shows. Chunks done by a version before 0.10
    have no time. One query.
    """
    done = Chunk.objects.filter(job=job, done_at__isnull=False).order_by("done_at")
    commits = [(at, made) for at, made in done.values_list("done_at", "produced") if at]
    if job.started_at is None or not commits:
        return []
    number = _number(commits, begun=job.started_at)
    if number < 2:
        return []
    last = commits[-1][0]
    stands_still = job.status not in FINAL and now - last > (last - job.started_at) / number
    return _cut(commits, begun=job.started_at, end=now if stands_still else last, number=number)


def _number(commits: _Commits, *, begun: datetime) -> int:
    return min(MOST, (commits[-1][0] - begun) // _SHORTEST, len(commits) // 2)


def _cut(commits: _Commits, *, begun: datetime, end: datetime, number: int) -> list[Stretch]:
    length = (end - begun) / number
    cards = [0] * number
    for at, made in commits:
        place = -((begun - at) // length) - 1  # the stretch that ends with it or after it
        cards[min(number - 1, max(0, place))] += made
    return [
        Stretch(at=begun + length * place, seconds=length.total_seconds(), cards=some)
        for place, some in enumerate(cards)
    ]
