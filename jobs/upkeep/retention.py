"""Forget cards, then jobs, and keep the guarantee: slots stay given out for ever."""

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from generation.recipes import OTHER_NUMBER
from jobs.models import FINAL, Chunk, ChunkState, Delivery, DeliveryState, Job, Status
from jobs.upkeep import settling
from toolkit.refusals import Refusal
from uniqueness.pool import purging

MOST_DAYS = 36_500
_JOBS_AT_ONCE = 100


class NotPurgeable(Refusal):
    """The job's cards must stay."""

    code = "not_purgeable"


def due(*, days: int) -> QuerySet[Job]:
    """Find jobs that finished so long ago and whose cards, or some of them, are still there."""
    before = timezone.now() - timedelta(days=days)
    rest = Chunk.objects.filter(job=OuterRef("id"), state=ChunkState.DONE)
    done = Job.objects.filter(Exists(rest), status__in=FINAL, finished_at__lt=before)
    return done.exclude(defect__in=OTHER_NUMBER).exclude(distinct_last_four=True).order_by("id")


def purge_some(*, days: int, seconds: float) -> int:
    """Purge what is due for about `seconds`; return how many cards went."""
    until = time.monotonic() + seconds
    gone = 0
    for job in due(days=days):
        for deleted in purge_cards(job):
            gone += deleted
            if time.monotonic() > until:
                return gone
    return gone


def purge_cards(job: Job) -> Iterator[int]:
    """Delete the job's cards, chunk by chunk; yield how many rows went each time.

    Safe to stop and to repeat: the spans are marked first, so that at every moment their numbers
    count as issued.

    :raises NotPurgeable: at once, if the job is not finished, or if its numbers cannot be told
        from its slots: of negative cards and of distinct last fours
    """
    _require_purgeable(job)
    return _purge(job)


def cards_left(jobs: Iterable[Job]) -> int:
    """Count the cards that `purge_cards` would delete.

    :raises NotPurgeable: as that does
    """
    for job in jobs:
        _require_purgeable(job)
    rest = Chunk.objects.filter(job__in=jobs, state=ChunkState.DONE)
    return int(rest.aggregate(cards=Sum("produced", default=0))["cards"])


def forgettable(*, days: int) -> QuerySet[Job]:
    """Find jobs that finished so long ago and of whose cards none is left.

    An idempotency key stands on its job, and keeps it as long as keys are kept. So does a webhook's
    message that is still to be sent; those of owners who may not sign in any more never are.
    """
    before = timezone.now() - timedelta(days=days)
    gone = [ChunkState.PURGED, ChunkState.DROPPED]
    rest = Chunk.objects.filter(job=OuterRef("id")).exclude(state__in=gone)
    unsent = Delivery.objects.filter(
        job=OuterRef("id"), state=DeliveryState.WAITING, webhook__owner__is_active=True
    )
    ended = Job.objects.filter(status__in=FINAL, finished_at__lt=before, idempotency_key=None)
    return ended.exclude(Exists(rest) | Exists(unsent)).order_by("id")


def forget_jobs(*, days: int) -> Iterator[int]:
    """Delete the jobs that can be forgotten, some at a time; yield how many went each time.

    What they set aside stays used: their numbers are never handed out again, and still `issued`.
    """
    while gone := _forget_some(days):
        yield gone


@transaction.atomic
def _forget_some(days: int) -> int:
    # Whole locks, for the rows go; a failed job that is being retried is passed over.
    locked = forgettable(days=days).select_for_update(of=("self",), skip_locked=True)
    some = list(locked.values_list("id", flat=True)[:_JOBS_AT_ONCE])
    Job.objects.filter(id__in=some).delete()
    return len(some)


def _require_purgeable(job: Job) -> None:
    if job.status not in FINAL:
        raise NotPurgeable(f"The job is {job.status}: cancel it or let it finish first.")
    if job.distinct_last_four or job.defect in OTHER_NUMBER:
        raise NotPurgeable(
            "Numbers of negative cards and of distinct last fours cannot be told from their slots,"
            " so their cards stay."
        )


def _purge(job: Job) -> Iterator[int]:
    for chunk in _begin(job.id):
        with transaction.atomic():
            gone = purging.delete(chunk.span, only=chunk.slots)
            Chunk.objects.filter(id=chunk.pk).update(state=ChunkState.PURGED)
        yield gone


@transaction.atomic
def _begin(job_id: UUID) -> list[Chunk]:
    """Mark the job's spans and return the chunks to delete: none if it was retried meanwhile.

    None either if a late writer is at work: its turn comes later.
    """
    ended = Job.objects.filter(id=job_id, status__in=FINAL).select_for_update(no_key=True)
    job = ended.first()
    if job is None:
        return []
    if job.status != Status.SUCCEEDED:
        settling.give_up(job_id)
    if not purging.mark(job_id):
        return []
    Job.objects.filter(id=job_id, purged_at=None).update(purged_at=Now())
    return list(Chunk.objects.filter(job_id=job_id, state=ChunkState.DONE).order_by("id"))
