"""Settle what has ended: numbers that nobody holds any more become free again."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from jobs.models import FINAL, Chunk, ChunkState, Job, Status, Worker
from uniqueness.pool import promises, settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Numbers set free, and free spans joined to their neighbours."""

    freed: int
    joined: int


def clean_up() -> CleanUp:
    """Free what ended or forgotten owners hold, and join free spans that touch."""
    freed = settle()
    for owner in settlement.holders(expired=True):
        freed += settlement.release(owner)
    joined = sum(settlement.merge(range_id) for range_id in settlement.ranges_with_free_spans())
    Worker.objects.filter(seen_at__lt=Now() - timedelta(days=1)).delete()
    return CleanUp(freed=freed, joined=joined)


def settle() -> int:
    """Close what finished jobs hold of the pool; put off the expiry of what active ones hold.

    What a job that failed or was cancelled has not minted is free again; returns how many numbers.
    """
    freed = 0
    holders = settlement.holders()
    statuses = dict(Job.objects.filter(id__in=holders).values_list("id", "status"))
    settlement.renew(job_id for job_id, status in statuses.items() if status not in FINAL)
    for job_id, status in sorted(statuses.items()):
        if status == Status.SUCCEEDED:
            settlement.finish(job_id)
        elif status in FINAL:
            freed += _give_up_ended(job_id)
    return freed


@transaction.atomic
def _give_up_ended(job_id: UUID) -> int:
    """Look again under the row's lock: a failed job may just have been retried."""
    ended = Job.objects.filter(id=job_id, status__in=[Status.FAILED, Status.CANCELLED])
    return give_up(job_id) if lock_free(ended) else 0


def give_up(job_id: UUID) -> int:
    """Drop the job's undone chunks, free the numbers they held and those promised; count the held.

    Runs inside the caller's transaction, which holds the job's row.
    """
    undone = Chunk.objects.filter(job_id=job_id, state__in=["waiting", "running", "failed"])
    undone.update(state=ChunkState.DROPPED, lease_until=None)
    promises.withdraw(job_id)
    whole = Chunk.objects.filter(job_id=job_id, slots=None).exclude(state=ChunkState.DROPPED)
    return settlement.release(job_id, keep=[chunk.span for chunk in whole])


def lock_free(jobs: QuerySet[Job]) -> list[UUID]:
    """Lock those of the jobs that nobody else has locked; the others' turn comes later.

    A worker that froze before its commit holds the row of its job. Whoever waited for it here could
    not come to end its connection.
    """
    free = jobs.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("id")
    return list(free.values_list("id", flat=True))
