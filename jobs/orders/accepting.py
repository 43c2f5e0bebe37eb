"""What callers may ask of jobs. Knows neither HTTP nor Celery: the bell is passed in."""

from collections.abc import Callable, Iterable
from itertools import groupby

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from generation import ranges
from generation.models import IssuerRange
from generation.recipes import check_defect
from generation.schemes import registry
from jobs import planning, quotas, work
from jobs.models import Chunk, Item, Job, Queue, Status
from jobs.orders import idempotency
from jobs.orders.contradictions import InvalidOrder, contradictions_in
from jobs.orders.order import ItemOrder, Order, Origin
from jobs.orders.room import require_room
from jobs.orders.share import BeyondShare, require_priority, require_share
from jobs.orders.teams import team_named
from jobs.planning import TooFewLastFours
from toolkit.refusals import Refusal
from uniqueness.errors import RangeExhausted
from uniqueness.pool.reserving import roomiest


def submit(*, order: Order, origin: Origin, ring: Callable[[], None]) -> Job:
    """Accept the order: job, reservations and chunks in one transaction; ring once it is committed.

    :raises Refusal: with nothing reserved (unknown scheme, unregistered or disabled range, fewer
        numbers left than asked for, too large a share of them, a CVV that does not fit, a team of
        others, a quota that is used up, a disk without room)
    """
    require_room(cards=order.count)
    with transaction.atomic():
        job = create_job(order, origin=origin, status=Status.QUEUED)
        Chunk.objects.bulk_create(reserve(job, order), batch_size=1_000)
        transaction.on_commit(ring)
    return job


def generate(*, order: Order, origin: Origin) -> Job:
    """Mint a small order on the spot, over the same path as any other job.

    Its chunks are leased from the first: if this process dies, the leases run out and workers
    finish it.

    While the queue is paused it waits like all others.

    :raises Refusal: as `submit`
    """
    if Queue.objects.filter(paused=True).exists():
        return submit(order=order, origin=origin, ring=lambda: None)
    with transaction.atomic():
        job = create_job(order, origin=origin, status=Status.RUNNING)
        leases = work.create_leased(reserve(job, order), job=job)
    work.finish(leases, job_id=job.id, quiet=not order.tell_webhooks)
    job.refresh_from_db()
    return job


def create_job(order: Order, *, origin: Origin, status: Status) -> Job:
    """Write the job's row; its items and chunks are the caller's, who has locked no range yet.

    :raises QuotaExceeded: if the owner or the key may not order so much
    :raises PriorityReserved: if the priority is not the owner's to choose
    :raises UnknownTeam: if it is for a team that the owner is not in
    """
    require_priority(order.priority, user=origin.owner)
    quotas.admit(origin.orderer, cards=order.count)
    job = new_job(order, origin=origin, status=status)
    if status is Status.RUNNING:
        job.started_at = job.running_since = Now()
    job.save(force_insert=True)
    return job


def new_job(order: Order, *, origin: Origin, status: Status) -> Job:
    """The job's row, not yet written.

    :raises UnknownTeam: if it is for a team that the owner is not in
    """
    return Job(
        owner=origin.owner,
        team=team_named(order.team, user=origin.owner),
        api_key_id=origin.api_key_id,
        label=order.label,
        status=status,
        requested=order.count,
        first_month=order.first_month,
        months=order.months,
        cvv=order.cvv or "",
        cardholder_name=order.cardholder_name or "",
        address=order.details.address or "",
        postcode=order.details.postcode or "",
        service_code=order.details.service_code or "",
        pin_length=order.details.pin_length,
        fields=list(order.fields),
        month=order.month,
        defect=order.defect or "",
        distinct_last_four=order.distinct_last_four,
        sequential=order.sequential,
        priority=order.priority,
        deadline=order.deadline,
        **idempotency.columns(origin),
    )


def check_order(order: Order, *, user: User) -> None:
    """Check an order that the user may submit later, as far as it does not matter what is left.

    :raises Refusal: as `submit`, but not for numbers, quotas or a disk that are used up
    """
    require_priority(order.priority, user=user)
    team_named(order.team, user=user)
    _check_in(order, [ranges_for(item)[0] for item in order.items])


class _Full(Exception):
    """The range chosen for the item at this position has too little left."""

    def __init__(self, position: int, refusal: Refusal) -> None:
        super().__init__(position)
        self.position = position
        self.refusal = refusal


def reserve(job: Job, order: Order) -> list[Chunk]:
    """Reserve what was ordered; an item of a scheme goes where it finds room. Chunks are not saved.

    Each attempt is rolled back whole if a range has less left than it seemed, with the locks that
    it took: so ranges are always locked in the same order.

    :raises Refusal: of the range that was tried last
    """
    choices = [ranges_for(item) for item in order.items]
    while all(choices):
        try:
            with transaction.atomic():
                return _reserve_in(job, order, [choice[0] for choice in choices])
        except _Full as full:
            refusal = full.refusal
            del choices[full.position][0]
    raise refusal


def _reserve_in(job: Job, order: Order, chosen: list[IssuerRange]) -> list[Chunk]:
    items = [
        Item(job=job, position=position, issuer_range=issuer_range, count=item.count)
        for position, (item, issuer_range) in enumerate(zip(order.items, chosen, strict=True))
    ]
    _check_in(order, chosen)
    Item.objects.bulk_create(items)
    # Ranges are locked in one order everywhere, so that two mixed jobs cannot deadlock.
    by_range = sorted(items, key=_range_id)
    for _, same in groupby(by_range, key=_range_id):
        _check_share(list(same))
    seen: set[bytes] = set()
    planned = {item.position: _reserve_for(item, seen=seen) for item in by_range}
    return [chunk for item in items for chunk in planned[item.position]]


def _check_in(order: Order, chosen: list[IssuerRange]) -> None:
    """Check what does not go together, or not with the ranges chosen."""
    check_cvv(order, chosen)
    for refusal in contradictions_in(order):
        raise refusal
    _check_defect(order, chosen)


def _range_id(item: Item) -> int:
    return int(item.issuer_range.pk)


def _check_share(items: list[Item]) -> None:
    """Check what one order takes of one range."""
    count = sum(item.count for item in items)
    try:
        require_share(items[0].issuer_range, count=count, user=items[0].job.owner)
    except BeyondShare as refusal:
        raise _Full(items[0].position, refusal) from None


def _reserve_for(item: Item, *, seen: set[bytes]) -> list[Chunk]:
    try:
        return planning.plan(item, count=item.count, seen=seen)
    except (RangeExhausted, TooFewLastFours) as refusal:
        raise _Full(item.position, refusal) from None


def ranges_for(item: ItemOrder) -> list[IssuerRange]:
    """List the ranges that an item may get its numbers from, the best first.

    :raises Refusal: if there is none
    """
    if item.range is not None:
        return [ranges.named(item.range)]
    return roomiest(ranges.of_scheme(item.scheme or ""), count=item.count)


def _check_defect(order: Order, chosen: list[IssuerRange]) -> None:
    if order.defect is None:
        return
    for issuer_range in chosen:
        check_defect(issuer_range=issuer_range, defect=order.defect)


def check_cvv(order: Order, issuer_ranges: Iterable[IssuerRange]) -> None:
    """Check that a fixed CVV has the length of the ranges' schemes.

    :raises InvalidOrder: if not
    """
    for issuer_range in issuer_ranges if order.cvv is not None else []:
        scheme = registry.get(issuer_range.scheme)
        if len(order.cvv or "") != scheme.cvv_length:
            raise InvalidOrder(
                f"The {scheme.cvv_name} of {scheme.name} has {scheme.cvv_length} digits;"
                f" the CVV given has {len(order.cvv or '')}.",
                scheme=scheme.code,
            )
