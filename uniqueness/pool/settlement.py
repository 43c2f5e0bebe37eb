"""What becomes of reservations when their owner is done: used, or free again where no card is."""

import logging
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models.functions import Now

from generation.models import IssuerRange
from uniqueness import ledger, locks
from uniqueness.models import Card, Reservation
from uniqueness.pool import free_spans
from uniqueness.pool.free_spans import span_of
from uniqueness.slots import Span, claimed_slots

logger = logging.getLogger(__name__)
HELD, USED, FREE = Reservation.State.HELD, Reservation.State.USED, Reservation.State.FREE
_MOST_GAPS = 1_000
_FINISH = """
    UPDATE uniqueness_reservation SET state = 'used', expires_at = NULL WHERE id IN (
        SELECT id FROM uniqueness_reservation WHERE owner = %s AND state = 'held'
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
"""
# Slots of the span without a card: between each two neighbours, and before the end.
_GAPS = """
    SELECT previous + 1, slot FROM (
        SELECT slot, lag(slot, 1, %(first)s::bigint - 1) OVER (ORDER BY slot) AS previous FROM (
            SELECT slot FROM uniqueness_ledger WHERE slot >= %(first)s AND slot < %(end)s
            UNION ALL SELECT %(end)s::bigint) slots
    ) neighbours WHERE slot > previous + 1
    ORDER BY slot - previous DESC LIMIT %(most)s
"""


def renew(owners: Iterable[UUID]) -> None:
    """Put off the expiry of what these owners hold.

    What somebody else has locked is being written to, and left for the next time: whoever waited
    for a frozen writer could not end it.
    """
    held = Reservation.objects.filter(owner__in=list(owners), state=HELD)
    free = held.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk")
    with transaction.atomic():
        rows = list(free.values_list("pk", flat=True))
        Reservation.objects.filter(pk__in=rows).update(expires_at=free_spans.expiry())


def finish(owner: UUID) -> None:
    """Close the owner's reservations as used: all that was asked for is minted.

    One that somebody else has locked is left for the next time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [owner])


@transaction.atomic
def release(owner: UUID, *, keep: Iterable[Span] = ()) -> int:
    """Close the owner's reservations and free their slots without a card; return how many.

    :param keep: spans without gaps: what was left out there stays used. Another owner's card must
        not lie in what the owner reads as its own

    From here on the owner cannot write there: `ledger.record` finds no held span and fails. A
    reservation that somebody else has locked is left for the next time, and so is one whose cards
    are not all seen yet.
    """
    kept = sorted(keep)
    return sum(_release(row, kept=kept) for row in _lock(owner) if all_seen(row))


def all_seen(row: Reservation) -> bool:
    """Tell whether the ledger shows the cards that were counted when they were written.

    A distributed ledger commits here first and on its nodes a moment later, or a minute, if one
    dies meanwhile. Until then empty slots are no proof that nobody has their numbers.
    """
    span = span_of(row)
    seen = ledger.count(span) - _claimed(span, sequential=row.sequential)
    if seen != row.issued:
        logger.warning("reservation %s: %d of %d cards are seen: left", row.pk, seen, row.issued)
    return seen == row.issued


def release_stocks(issuer_range: IssuerRange) -> None:
    """Free what web processes hold for small orders in a range; they notice at their next order."""
    stocks = Reservation.objects.filter(issuer_range=issuer_range, state=HELD, stock=True)
    for owner in stocks.values_list("owner", flat=True):
        if owner is not None:
            release(owner)


def holders(*, expired: bool = False) -> list[UUID]:
    """List owners that hold slots, or those nobody heard of until their reservations ran out."""
    held = Reservation.objects.filter(state=HELD)
    if expired:
        held = held.filter(expires_at__lt=Now())
    owners = held.order_by("owner").values_list("owner", flat=True).distinct()
    return [owner for owner in owners if owner]


def ranges_with_free_spans() -> list[int]:
    """List the ids of ranges that have free spans, ascending."""
    free = Reservation.objects.filter(state=FREE).order_by("issuer_range_id")
    return list(free.values_list("issuer_range_id", flat=True).distinct())


@transaction.atomic
def merge(range_id: int) -> int:
    """Join free spans that touch each other; return how many rows went."""
    locks.lock_range(range_id)
    free = Reservation.objects.filter(issuer_range_id=range_id, state=FREE)
    rows = list(free.select_related("issuer_range").order_by("span"))
    gone = 0
    for run in _runs(rows):
        if len(run) > 1:
            span = Span(span_of(run[0]).first, span_of(run[-1]).end)
            Reservation.objects.filter(pk__in=[row.pk for row in run]).delete()
            free_spans.set_free(run[0].issuer_range, span=span, sequential=run[0].sequential)
            gone += len(run) - 1
    return gone


def _lock(owner: UUID) -> list[Reservation]:
    """Lock the owner's held rows. A stopped writer may hold one: nobody waits for it."""
    held = Reservation.objects.filter(owner=owner, state=HELD).select_related("issuer_range")
    locked = held.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(locked.order_by("pk"))


def _release(row: Reservation, *, kept: list[Span]) -> int:
    span = span_of(row)
    empty = [part for gap in gaps(span) for part in between(gap, _inside(gap, kept))]
    row.delete()
    for used in between(span, empty):
        Reservation.objects.create(
            issuer_range=row.issuer_range,
            span=NumericRange(used.first, used.end),
            state=USED,
            owner=row.owner,
            sequential=row.sequential,
            issued=ledger.count(used) - _claimed(used, sequential=row.sequential),
        )
    for gap in empty:
        free_spans.set_free(row.issuer_range, span=gap, sequential=row.sequential)
    return sum(map(len, empty))


def gaps(span: Span) -> list[Span]:
    """Find the largest stretches without a card; a thousand tiny ones more are not worth a row."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, {"first": span.first, "end": span.end, "most": _MOST_GAPS})
        return sorted(Span(first, end) for first, end in cursor.fetchall())


def _claimed(span: Span, *, sequential: bool) -> int:
    """Count the cards of a span that were claimed by hand: they are counted there."""
    claimed = claimed_slots(span, sequential=sequential)
    return Card.objects.filter(slot__in=claimed).count()


def _inside(span: Span, others: list[Span]) -> list[Span]:
    """Cut what the other spans have in common with this one."""
    cut = (Span(max(span.first, other.first), min(span.end, other.end)) for other in others)
    return [part for part in cut if part.first < part.end]


def between(span: Span, others: list[Span]) -> Iterator[Span]:
    """Yield what the others (ascending, disjoint) leave of the span."""
    first = span.first
    for gap in [*others, Span(span.end, span.end)]:
        if gap.first > first:
            yield Span(first, gap.first)
        first = gap.end


def _runs(rows: list[Reservation]) -> Iterator[list[Reservation]]:
    """Group neighbours that touch and are minted in the same order."""
    run: list[Reservation] = []
    for row in rows:
        touches = run and span_of(run[-1]).end == span_of(row).first
        if run and not (touches and run[-1].sequential == row.sequential):
            yield run
            run = []
        run.append(row)
    if run:
        yield run
