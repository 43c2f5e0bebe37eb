"""What the pool alone knows of slots: which nobody has set aside, and which have all been issued.

A reservation counts its cards, and names the slots that were stepped over, in the transaction that
writes the cards. Where both together are the whole span, every other slot has its card: the ledger
need not be asked.
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE
from uniqueness.check.findings import Places
from uniqueness.models import Pool
from uniqueness.slots import SpanIndex

_MOST_SPANS = 2_000
_FULL = """
    SELECT lower(span), upper(span), owner, holes FROM uniqueness_reservation
    WHERE span && int8range(%s, %s, '[]') AND issued > 0
        AND issued + cardinality(holes) = upper(span) - lower(span)
    ORDER BY span LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Of N slots: those past the cursor (bool), and the owner of those issued (-1 for none)."""

    ahead: NDArray[np.bool_]
    owner: Places
    owners: list[UUID]


def look_up(slots: NDArray[np.int64]) -> Pooled:
    """Ask the pool for N packed slots (-1: none). A query, and one for each range.

    Between slots of a range with more than 2,000 full spans nothing is called issued: that would
    take longer than the ledger does.
    """
    ranges = slots // SLOTS_PER_RANGE
    numbers = np.unique(ranges[slots >= 0]).tolist()
    cursors = dict(Pool.objects.filter(pk__in=numbers).values_list("pk", "next_slot"))
    pooled = Pooled(
        ahead=np.zeros(slots.size, dtype=np.bool_),
        owner=np.full(slots.size, -1, dtype=np.intp),
        owners=[],
    )
    for number in numbers:
        inside = np.flatnonzero(ranges == number)
        some = slots[inside]
        pooled.ahead[inside] = some >= number * SLOTS_PER_RANGE + cursors.get(number, 0)
        below = inside[~pooled.ahead[inside]]
        if below.size:
            pooled.owner[below] = _owner(slots[below], pooled.owners)
    return pooled


def _owner(slots: NDArray[np.int64], owners: list[UUID]) -> Places:
    """Find slots of one range in its full spans; owners found are added to the list."""
    rows = _full_spans(int(slots.min()), int(slots.max()))
    if not 0 < len(rows) <= _MOST_SPANS:
        return np.full(slots.size, -1, dtype=np.intp)
    starts, ends = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1))
    holes = np.array([slot for row in rows for slot in row[3]], dtype=np.int64)
    at = SpanIndex(starts=starts, ends=ends).places(slots)
    issued = at >= 0
    if holes.size:
        issued &= ~np.isin(slots, holes)
    first = len(owners)
    owners += [row[2] for row in rows]
    return np.where(issued, at + first, -1)


def _full_spans(first: int, last: int) -> list[tuple[int, int, UUID, list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute(_FULL, [first, last, _MOST_SPANS + 1])
        rows: list[tuple[int, int, UUID, list[int]]] = cursor.fetchall()
    return rows
