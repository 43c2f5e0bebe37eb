"""After a restore from a backup: the numbers of the lost time must not be handed out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from uuid import uuid4

from django.db import transaction

from generation.models import IssuerRange
from jobs import states
from jobs.models import MADE, UNENDED, Chunk, ChunkState, Job, Status
from jobs.planning import missing_chunks
from toolkit.actor import Actor
from toolkit.refusals import Refusal
from uniqueness import trail
from uniqueness.cache import answers
from uniqueness.pool import cursors
from uniqueness.pool.cursors import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done: cursors moved, jobs that go on with other numbers, jobs that cannot."""

    steps: list[Step]
    replanned: int
    failed: int
    cache_told: bool


# What one range can have set aside at most in a time: no server mints so fast; and in one order
# before its first card: an instalment, or two windows in sequence.
_SLOTS_PER_SECOND, _SLOTS_OF_AN_ORDER = 1_000_000, 8_000_000


def unseen(lost: timedelta) -> int:
    """Say how many slots a cursor can have gone, at most, in a time of which nothing is known."""
    return int(lost.total_seconds() * _SLOTS_PER_SECOND) + _SLOTS_OF_AN_ORDER


def advance_cursors(
    *, by: int, actor: Actor, reason: str, known: Mapping[str, int] = MappingProxyType({})
) -> Restored:
    """Step past `by` slots of every range, and give unfinished jobs other numbers.

    A worker that runs meanwhile is fenced: its slots are not its job's any more.

    :param known: how far cursors are known to have been, in slots by range; `by` counts from there
    :raises IntegrityError: if the reason is empty
    """
    unended = Job.objects.filter(status__in=UNENDED).order_by("id")
    with transaction.atomic():
        # Jobs are locked before ranges, as by whoever plans more of one.
        list(unended.select_for_update(no_key=True).values_list("id"))
        # All of them: one that the backup has unused may have been used first in the lost time.
        every = IssuerRange.objects.order_by("pk")
        owner = uuid4()
        steps = [
            cursors.advance(one, by=by, owner=owner, known=known.get(one.name, 0)) for one in every
        ]
        trail.note(actor=actor, action="advance_cursors", subject=f"by {by}", reason=reason)
        outcomes = [_replan(job) for job in unended.all()]
    return Restored(
        steps=steps,
        replanned=outcomes.count(True),
        failed=outcomes.count(False),
        cache_told=answers.forget_all(),
    )


def _replan(job: Job) -> bool:
    """Drop the job's undone chunks and plan others; fail the job if its ranges are exhausted."""
    undone = Chunk.objects.filter(job=job).exclude(state__in=[*MADE, ChunkState.DROPPED])
    undone.update(state=ChunkState.DROPPED, lease_until=None)
    try:
        with transaction.atomic():
            Chunk.objects.bulk_create(missing_chunks(job), batch_size=1_000)
    except Refusal as refusal:
        states.move(job.id, to=Status.FAILED, error_code=refusal.code, error=refusal.detail)
        return False
    return True
