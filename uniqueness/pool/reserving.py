"""Layer 3: spans of slots set aside before minting, disjoint by constraint."""

from uuid import UUID

from django.db import connection

from generation import tiers
from generation.models import IssuerRange
from toolkit.wording import counted
from uniqueness import locks
from uniqueness.errors import RangeExhausted
from uniqueness.models import Pool
from uniqueness.pool import free_spans, promises, remaining, settlement
from uniqueness.slots import Span, count_excluded, end_for

_UNUSED = """
    SELECT r.id, coalesce(p.next_slot, 0) - coalesce((
        SELECT sum(upper(f.span) - lower(f.span)) FROM uniqueness_reservation f
        WHERE f.issuer_range_id = r.id AND f.state = 'free' AND NOT f.sequential), 0)
        + coalesce((SELECT sum(count) FROM uniqueness_promise WHERE issuer_range_id = r.id), 0)
    FROM generation_issuerrange r LEFT JOIN uniqueness_pool p ON p.issuer_range_id = r.id
    WHERE r.id = ANY(%s)
"""


def reserve(*, issuer_range: IssuerRange, count: int, owner: UUID) -> list[Span]:
    """Set aside `count` numbers that are not excluded, in as few spans as possible.

    A free span that just holds them comes first, then new slots at the cursor, and near the end
    of the range whatever is left. Runs inside the caller's transaction and holds the range's lock
    until that ends. The cursor moves for good: it never goes back.

    :raises RangeExhausted: if fewer are left that nobody was promised; says how many
    """
    first = next_slot(issuer_range)
    if not remaining.keeps_promises(issuer_range, first=first, count=count):
        raise _exhausted(issuer_range, left=remaining.left(issuer_range), count=count)
    return _set_aside(issuer_range, first=first, count=count, owner=owner)


def promise(*, issuer_range: IssuerRange, count: int, owner: UUID) -> None:
    """Keep `count` numbers for the owner, who sets them aside by `redeem`.

    Runs inside the caller's transaction and holds the range's lock until that ends.

    :raises RangeExhausted: as `reserve`
    """
    first = next_slot(issuer_range)
    if not remaining.at_least(issuer_range, first=first, count=count):
        raise _exhausted(issuer_range, left=remaining.left(issuer_range), count=count)
    promises.add(issuer_range, count=count, owner=owner)


def redeem(*, issuer_range: IssuerRange, count: int, owner: UUID) -> list[Span]:
    """Set aside `count` of the numbers that the owner was promised, as `reserve` does.

    :raises ReservationLost: if fewer were promised: the owner was given up
    :raises RangeExhausted: if numbers were excluded since the promise, and too few are left
    """
    first = next_slot(issuer_range)
    promises.lower(issuer_range, count=count, owner=owner)
    return _set_aside(issuer_range, first=first, count=count, owner=owner)


def _set_aside(issuer_range: IssuerRange, *, first: int, count: int, owner: UUID) -> list[Span]:
    row = free_spans.fitting(issuer_range, count=count, sequential=False)
    if row is not None:
        return [free_spans.hold(row, count=count, owner=owner)]
    rest = _rest(issuer_range, first=first)
    end = end_for(rest, count=count)
    if end <= rest.end:
        return [reserve_slots(issuer_range=issuer_range, count=end - rest.first, owner=owner)]
    return _gather(issuer_range, rest=rest, count=count, owner=owner)


def next_slot(issuer_range: IssuerRange) -> int:
    """Lock the range until the transaction ends, and say which of its slots comes next."""
    locks.lock_range(issuer_range.pk)
    return Pool.objects.get_or_create(issuer_range=issuer_range)[0].next_slot


def reserve_slots(*, issuer_range: IssuerRange, count: int, owner: UUID) -> Span:
    """Set aside the next `count` slots, excluded ones among them or not.

    :raises RangeExhausted: if fewer are left
    """
    first = next_slot(issuer_range)
    if first + count > issuer_range.capacity:
        raise _exhausted(issuer_range, left=issuer_range.capacity - first, count=count)
    move_cursor(issuer_range, to=first + count)
    span = Span(issuer_range.first_slot + first, issuer_range.first_slot + first + count)
    return free_spans.hold_span(issuer_range, span=span, owner=owner)


def move_cursor(issuer_range: IssuerRange, *, to: int) -> None:
    """Move the cursor of a locked range; the database refuses to move it back."""
    Pool.objects.filter(issuer_range=issuer_range).update(next_slot=to)


def roomiest(candidates: list[IssuerRange], *, count: int) -> list[IssuerRange]:
    """List the ranges that seem to hold `count` cards, the best first; the roomiest if none does.

    Those of the safest tier come first, of these the one with the most left. What is left is read
    without a lock, excluded numbers and windows count as left: `reserve` has the last word.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNUSED, [[candidate.pk for candidate in candidates]])
        used = dict(cursor.fetchall())

    def rank(candidate: IssuerRange) -> tuple[bool, int, int]:
        unused = candidate.capacity - int(used[candidate.pk])
        return unused >= count, -tiers.ORDER.index(candidate.tier), unused

    ranked = sorted(candidates, key=rank, reverse=True)
    return [one for one in ranked if rank(one)[0]] or ranked[:1]


def _gather(issuer_range: IssuerRange, *, rest: Span, count: int, owner: UUID) -> list[Span]:
    """Put the last numbers of a range together from its free spans and what is past the cursor.

    Web processes hold some for small orders: near the end each number counts, and they give them
    back.
    """
    settlement.release_stocks(issuer_range)
    rows = free_spans.largest_first(issuer_range, sequential=False)
    at_cursor = len(rest) - count_excluded(rest)
    left = at_cursor + sum(map(free_spans.usable, rows))
    if left < count:
        raise _exhausted(issuer_range, left=left, count=count)
    spans: list[Span] = []
    if at_cursor:
        spans.append(reserve_slots(issuer_range=issuer_range, count=len(rest), owner=owner))
    return spans + free_spans.hold_from(rows, count=count - at_cursor, owner=owner)


def _rest(issuer_range: IssuerRange, *, first: int) -> Span:
    return Span(issuer_range.first_slot + first, issuer_range.first_slot + issuer_range.capacity)


def _exhausted(issuer_range: IssuerRange, *, left: int, count: int) -> RangeExhausted:
    return RangeExhausted(
        f"Range {issuer_range.name} has {counted(left, 'number')} left,"
        f" {counted(count, 'was', 'were')} asked for.",
        range=issuer_range.name,
        left=left,
    )
