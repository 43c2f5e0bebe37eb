"""Whose slots these are: the reservations that hold them."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from django.db import connection

from generation.models import SLOTS_PER_RANGE
from uniqueness.slots import SpanIndex

_MOST_SPANS = 2_000
# One text in place of an array, whose elements the driver would quote one by one.
_ONE_BY_ONE = """
    SELECT s.slot, r.owner FROM unnest(string_to_array(%s, ',')::bigint[]) s(slot)
    JOIN uniqueness_reservation r ON r.span @> s.slot AND r.owner IS NOT NULL
"""
_BETWEEN = """
    SELECT lower(span), upper(span), owner FROM uniqueness_reservation
    WHERE span && int8range(%s, %s, '[]') AND owner IS NOT NULL
"""
_PURGED = " AND purged"


def owners_of(slots: Iterable[int], *, purged: bool = False) -> dict[int, UUID]:
    """Find the owner of each packed slot that was set aside for somebody.

    Few spans lie between the slots of a range as a rule: they are fetched, and searched here, in a
    tenth of the time that the database takes to search them for each slot.

    :param purged: only slots of spans whose cards were deleted
    """
    ordered = np.array(sorted(slots), dtype=np.int64)
    found: dict[int, UUID] = {}
    for pk in np.unique(ordered // SLOTS_PER_RANGE).tolist():
        inside = ordered[ordered // SLOTS_PER_RANGE == pk]
        spans = _spans(int(inside[0]), int(inside[-1]), purged=purged)
        found |= _one_by_one(inside, purged=purged) if spans is None else _search(inside, spans)
    return found


def _spans(first: int, last: int, *, purged: bool) -> list[tuple[int, int, UUID]] | None:
    """Fetch the spans between two slots; None if they are too many."""
    sql = _BETWEEN + (_PURGED if purged else "") + " ORDER BY span LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [first, last, _MOST_SPANS + 1])
        rows: list[tuple[int, int, UUID]] = cursor.fetchall()
    return rows if len(rows) <= _MOST_SPANS else None


def _search(
    slots: np.ndarray[tuple[int], np.dtype[np.int64]], spans: list[tuple[int, int, UUID]]
) -> dict[int, UUID]:
    index = SpanIndex(
        starts=np.array([first for first, _, _ in spans], dtype=np.int64),
        ends=np.array([end for _, end, _ in spans], dtype=np.int64),
    )
    at = index.places(slots)
    held = at >= 0
    owners = [owner for _, _, owner in spans]
    return dict(
        zip(slots[held].tolist(), (owners[place] for place in at[held].tolist()), strict=True)
    )


def _one_by_one(
    slots: np.ndarray[tuple[int], np.dtype[np.int64]], *, purged: bool
) -> dict[int, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            _ONE_BY_ONE + (_PURGED if purged else ""), [",".join(map(str, slots.tolist()))]
        )
        return dict(cursor.fetchall())
