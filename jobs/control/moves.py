"""What may be done to a job after it was accepted. Each is a conditional move that says who won."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from generation.months import check_expiry, month_begun, month_number
from jobs import orders, quotas, results, states, upkeep, work
from jobs.models import FINAL, Chunk, Job, Queue, Status
from jobs.orders import ItemOrder, Order, Origin
from jobs.planning import missing_chunks
from jobs.quotas import Orderer
from toolkit.actor import Actor
from toolkit.refusals import Refusal
from uniqueness import trail


class IllegalMove(Refusal):
    """The job is not in a state in which that can be done."""

    code = "illegal_move"


def cancel(job: Job, *, actor: Actor) -> Job:
    """Stop the job; what was minted stays and is counted exactly, the rest is free again.

    Chunks in hand are finished first: until then the job is cancelling.

    :param actor: if it is not the owner, the audit trail says so, as of the moves below
    :raises IllegalMove: if it has ended, or is being cancelled
    """
    with transaction.atomic():
        _lock(job.id)
        busy = work.running(job.id)
        if not (states.move(job.id, to=Status.CANCELLING) if busy else _cancel_idle(job.id)):
            raise _illegal(job.id, "cancelled")
        _note(job, actor=actor, action="cancel_job")
    return _announced(job.id)


def pause(job: Job, *, actor: Actor) -> Job:
    """Hand out no more of the job's chunks; those in hand are finished.

    :raises IllegalMove: if it is neither queued nor running
    """
    with transaction.atomic():
        if not states.move(job.id, to=Status.PAUSED):
            raise _illegal(job.id, "paused")
        _note(job, actor=actor, action="pause_job")
    return _announced(job.id)


def resume(job: Job, *, ring: Callable[[], object], actor: Actor) -> Job:
    """Let a paused job go on.

    :raises IllegalMove: if it is not paused
    """
    with transaction.atomic():
        if not _move_from(job.id, Status.PAUSED, to=Status.QUEUED):
            raise _illegal(job.id, "resumed")
        _note(job, actor=actor, action="resume_job")
        transaction.on_commit(ring)
    return _announced(job.id)


def retry(job: Job, *, ring: Callable[[], object], actor: Actor) -> Job:
    """Mint what a failed job is short of, with other numbers.

    :raises IllegalMove: if it has not failed
    :raises CardsPurged: if those it made were deleted: nobody could fetch the rest
    :raises QuotaExceeded: if its owner or its API key may not order what is missing today
    :raises NoRoom: if the database's disk cannot hold what is missing
    :raises Refusal: if its ranges have too few numbers left; then it stays failed
    """
    with transaction.atomic():
        _admit_again(job)
        if not _move_from(job.id, Status.FAILED, to=Status.QUEUED):
            raise _illegal(job.id, "retried")
        results.require_cards(Job.objects.get(id=job.id))
        quotas.count_anew(job.id)
        upkeep.give_up(job.id)
        Job.objects.filter(id=job.id).update(deadline=None)
        Chunk.objects.bulk_create(missing_chunks(job), batch_size=1_000)
        _note(job, actor=actor, action="retry_job")
        transaction.on_commit(ring)
    return _announced(job.id)


def clone(job: Job, *, origin: Origin, ring: Callable[[], None], now: datetime) -> Job:
    """Order the same again.

    :param now: in UTC
    :raises ExpiryTooFar: if the window has moved beyond what cards can show
    :raises Refusal: as `orders.submit`
    """
    order = order_again(job, user=origin.owner, now=now)
    check_expiry(order.first_month + order.months - 1)
    return orders.submit(order=order, origin=origin, ring=ring)


def order_again(job: Job, *, user: User, now: datetime) -> Order:
    """The same order, for the same team if the user is in it; expiry windows move on."""
    items = tuple(
        ItemOrder(count=item.count, range=item.issuer_range.name)
        for item in job.items.select_related("issuer_range")
    )
    passed = max(0, month_number(now.date()) - month_number(job.created_at.date()))
    return Order(
        items=items,
        first_month=job.first_month + passed,
        months=job.months,
        month=month_begun(now),
        details=job.recipe.details,
        defect=job.recipe.defect,
        distinct_last_four=job.distinct_last_four,
        sequential=job.sequential,
        cvv=job.cvv or None,
        cardholder_name=job.cardholder_name or None,
        label=job.label,
        team=orders.team_kept(job, user=user),
        fields=tuple(job.fields),
        priority=job.priority,
    )


def set_queue(*, paused: bool, reason: str, actor: Actor, ring: Callable[[], object]) -> Queue:
    """Stop handing out chunks of all jobs, or go on.

    :raises ReasonMissing: if the reason says nothing
    """
    trail.require_reason(reason)
    with transaction.atomic():
        before = Queue.objects.filter(id=1, paused=True).exists()
        queue, _ = Queue.objects.update_or_create(
            id=1, defaults={"paused": paused, "reason": reason, "changed_by": actor.name}
        )
        action = "pause_queue" if paused else "resume_queue"
        trail.note(
            actor=actor,
            action=action,
            subject="queue",
            reason=reason,
            before={"paused": before},
            after={"paused": paused},
        )
        transaction.on_commit(ring)
    return queue


def _admit_again(job: Job) -> None:
    """Have the quotas of the order allow what is missing; it stays its owner's and its key's.

    Before the row is locked: quotas are locked first.
    """
    job.refresh_from_db(fields=["status", "produced"])
    if job.status != Status.FAILED:
        raise _illegal(job.id, "retried")
    by = Orderer(user_id=job.owner_id, api_key_id=job.api_key_id)
    orders.require_room(cards=job.requested - job.produced)
    quotas.admit(by, cards=job.requested - job.produced)


def _cancel_idle(job_id: UUID) -> bool:
    return _move_from(job_id, Status.RUNNING, to=Status.CANCELLING) | states.move(
        job_id, to=Status.CANCELLED
    )


def _move_from(job_id: UUID, source: Status, *, to: Status) -> bool:
    """The table lets other states move there too, on other occasions."""
    job = Job.objects.select_for_update(no_key=True).get(id=job_id)
    return job.status == source and states.move(job_id, to=to)


def _lock(job_id: UUID) -> None:
    """No chunk is finished while the row is locked; `work.running` then tells the truth."""
    Job.objects.select_for_update(no_key=True).get(id=job_id)


def _note(job: Job, *, actor: Actor, action: str) -> None:
    """Write down who does it to a job that is not theirs: an operator, or somebody of its team."""
    if actor.user_id == job.owner_id:
        return
    team = f", shared with team {job.team}" if job.team else ""
    reason = f"a job of {job.owner.get_username()}{team}"
    trail.note(actor=actor, action=action, subject=str(job.id), reason=reason)


def _illegal(job_id: UUID, done: str) -> IllegalMove:
    status = Job.objects.values_list("status", flat=True).get(id=job_id)
    ended = " It has ended." if status in FINAL else ""
    return IllegalMove(f"The job is {status} and cannot be {done}.{ended}", job_status=status)


def _announced(job_id: UUID) -> Job:
    work.announce(job_id, always=True)
    return Job.objects.prefetch_related("items__issuer_range").get(id=job_id)
