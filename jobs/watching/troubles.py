"""What a job has been through: attempts that failed, why, and when the next one is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, Q

from jobs.models import Chunk, ChunkState, Job, Status
from jobs.work import MAX_ATTEMPTS

_DUE = Q(state=ChunkState.WAITING, job__status__in=[Status.QUEUED, Status.RUNNING])
_OPEN = [ChunkState.WAITING, ChunkState.RUNNING, ChunkState.FAILED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Of the chunks that failed and are not done: how often the worst one was tried.

    `next_attempt_at` is None when none waits for its time: all are in hand or given up, or the job
    rests.
    """

    attempts: int
    max_attempts: int
    last_error: str
    next_attempt_at: datetime | None


def retries_of(jobs: Iterable[Job]) -> dict[UUID, Retries]:
    """Find the jobs that had failures which are not mended yet. Two queries at most."""
    failed = Chunk.objects.filter(job__in=[job.id for job in jobs], state__in=_OPEN)
    failed = failed.exclude(error="")
    worst = failed.values("job_id").annotate(
        most=Max("attempts"),
        latest=Max("id"),
        next_at=Min("not_before", filter=_DUE),
    )
    rows = list(worst)
    errors = dict(
        Chunk.objects.filter(id__in=[row["latest"] for row in rows]).values_list("id", "error")
    )
    return {
        row["job_id"]: Retries(
            attempts=row["most"],
            max_attempts=MAX_ATTEMPTS,
            last_error=errors[row["latest"]],
            next_attempt_at=row["next_at"],
        )
        for row in rows
    }
