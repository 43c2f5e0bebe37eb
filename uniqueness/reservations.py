"""Layer 3: spans of slots set aside before minting, disjoint by constraint."""

from uuid import UUID

import numpy as np
from django.db import connection
from django.db.backends.postgresql.psycopg_any import NumericRange
from numpy.typing import NDArray

from generation import tiers
from generation.models import IssuerRange
from uniqueness import locks
from uniqueness.errors import RangeExhausted
from uniqueness.models import Exclusion, Pool, Reservation
from uniqueness.spans import Span


def reserve(*, issuer_range: IssuerRange, count: int, owner: UUID) -> list[Span]:
    """Set aside `count` numbers that are not excluded, in as few spans as possible.

    Runs inside the caller's transaction and holds the range's lock until that ends. The cursor
    moves past the span for good: it never goes back, whatever becomes of the cards.

    :raises RangeExhausted: if fewer are left; says how many
    """
    first = next_slot(issuer_range)
    end = _end_of(issuer_range, first=first, count=count)
    return [reserve_slots(issuer_range=issuer_range, count=end - first, owner=owner)]


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
        raise RangeExhausted(
            f"Range {issuer_range.name} has {issuer_range.capacity - first} numbers left.",
            range=issuer_range.name,
            left=issuer_range.capacity - first,
        )
    Pool.objects.filter(issuer_range=issuer_range).update(next_slot=first + count)
    span = Span(issuer_range.first_slot + first, issuer_range.first_slot + first + count)
    Reservation.objects.create(
        issuer_range=issuer_range, span=NumericRange(span.first, span.end), owner=owner
    )
    return span


def left(issuer_range: IssuerRange) -> int:
    """Count the numbers that can still be set aside in the range."""
    cursor = Pool.objects.filter(issuer_range=issuer_range).values_list("next_slot", flat=True)
    return _left(issuer_range, first=cursor.first() or 0)


def roomiest(candidates: list[IssuerRange], *, count: int) -> IssuerRange:
    """Pick a range for `count` cards: of the safest tier with room, the one with the most left.

    What is left is read without a lock: `reserve` has the last word.
    """
    pools = Pool.objects.filter(issuer_range__in=candidates)
    used = dict(pools.values_list("issuer_range_id", "next_slot"))

    def rank(candidate: IssuerRange) -> tuple[bool, int, int]:
        unused = candidate.capacity - used.get(candidate.pk, 0)
        return unused >= count, -tiers.ORDER.index(candidate.tier), unused

    return max(candidates, key=rank)


def excluded_slots(span: Span) -> list[int]:
    """List the packed slots of the span whose numbers must never be minted, ascending."""
    found = Exclusion.objects.filter(slot__gte=span.first, slot__lt=span.end)
    return [slot for slot in found.order_by("slot").values_list("slot", flat=True) if slot]


def excluded_among(pans: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """List the excluded numbers between the smallest and the largest of these."""
    lowest, highest = min(pans.tolist()).decode(), max(pans.tolist()).decode()
    found = Exclusion.objects.filter(pan__gte=lowest, pan__lte=highest)
    return np.array([pan.encode() for pan in found.values_list("pan", flat=True)], dtype="S19")


def _end_of(issuer_range: IssuerRange, *, first: int, count: int) -> int:
    """Find the end of the shortest span from slot `first` with `count` numbers not excluded.

    Each excluded number met pushes the end one slot further, which may meet another one: with the
    k-th excluded slot (0-based) at distance d from `first`, it is met if d - k < count.
    """
    available = _left(issuer_range, first=first)
    if available < count:
        raise RangeExhausted(
            f"Range {issuer_range.name} has {available} numbers left, {count} were asked for.",
            range=issuer_range.name,
            left=available,
        )
    sql = """
        SELECT count(*) FROM (
            SELECT slot - %(first)s - row_number() OVER (ORDER BY slot) + 1 AS usable_before
            FROM uniqueness_exclusion WHERE slot >= %(first)s AND slot < %(limit)s
        ) met WHERE usable_before < %(count)s
    """
    packed = issuer_range.first_slot + first
    limit = issuer_range.first_slot + issuer_range.capacity
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": packed, "limit": limit, "count": count})
        return first + count + int(cursor.fetchone()[0])


def _left(issuer_range: IssuerRange, *, first: int) -> int:
    unused = Span(issuer_range.first_slot + first, issuer_range.first_slot + issuer_range.capacity)
    excluded = Exclusion.objects.filter(slot__gte=unused.first, slot__lt=unused.end).count()
    return len(unused) - excluded
