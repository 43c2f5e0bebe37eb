"""The tables of one removal, gone at its end, and the set-based work on them.

`place` is where a number stands in what was sent. `slot` is the one whose card has the number, in
sequential windows too, where exclusions keep another one of the window.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.ranges import slots_of
from toolkit.database import copy_in
from uniqueness import locks
from uniqueness.exclusions.outside import lie_outside, tokens_of
from uniqueness.models import Exclusion
from uniqueness.slots import WINDOW

_SIZES = {"slots": SLOTS_PER_RANGE, "window": WINDOW}
_CREATE = """
    CREATE TEMPORARY TABLE removal_read
        (pan varchar(19) COLLATE "C", place bigint) ON COMMIT DROP;
    CREATE TEMPORARY TABLE removal_outside (token uuid) ON COMMIT DROP;
    SET LOCAL work_mem = '128MB';
"""
_DROP = "DROP TABLE removal_read, removal_outside, removal_found"
_COPY = "COPY removal_read (pan, place) FROM STDIN"
_COPY_OUTSIDE = "COPY removal_outside (token) FROM STDIN"
_OUTSIDE_OF_SOURCE = """
    INSERT INTO removal_outside SELECT token FROM uniqueness_importedtoken WHERE source = %s
"""
_FOUND_OUTSIDE = """
    SELECT count(*) FROM uniqueness_importedtoken
    WHERE token IN (SELECT token FROM removal_outside)
"""
_DELETE_OUTSIDE = """
    DELETE FROM uniqueness_importedtoken WHERE token IN (SELECT token FROM removal_outside)
"""
_FOUND = "CREATE TEMPORARY TABLE removal_found ON COMMIT DROP AS "
_OF_LIST = """
    SELECT e.pan, e.slot, e.reason, e.owner, w.place FROM uniqueness_exclusion e
    JOIN (SELECT pan, min(place) AS place FROM removal_read GROUP BY 1) w USING (pan)
"""
_OF_SOURCE = """
    SELECT pan, slot, reason, owner, NULL::bigint AS place FROM uniqueness_exclusion
    WHERE source = %s AND reason = %s
"""
_INDEX = "CREATE INDEX ON removal_found (slot); ANALYZE removal_found;"
_PUBLISHED = "SELECT place FROM removal_found WHERE reason = 'published' ORDER BY place"
# A claimed card may be purged: its number was handed out all the same.
_CARDS = """
    WITH cards AS MATERIALIZED (
        SELECT pan FROM uniqueness_ledger WHERE pan IN (SELECT pan FROM removal_found))
    SELECT place FROM removal_found
    WHERE owner IS NOT NULL OR pan IN (SELECT pan FROM cards) ORDER BY place
"""
_RANGES = """
    SELECT DISTINCT slot / %(slots)s FROM removal_found WHERE slot IS NOT NULL
"""
_IN_SEQUENCE = """
    SELECT w.issuer_range_id, f.pan FROM generation_sequentialwindow w JOIN removal_found f
        ON f.slot >= w.issuer_range_id * %(slots)s + w.window * %(window)s
        AND f.slot < w.issuer_range_id * %(slots)s + (w.window + 1) * %(window)s
"""
_PLACE = """
    UPDATE removal_found f SET slot = given.slot
    FROM unnest(%s::text[], %s::bigint[]) AS given (pan, slot) WHERE f.pan = given.pan
"""
_IN_SPANS = """
    SELECT count(*) FROM uniqueness_reservation r JOIN removal_found f
        ON f.slot >= lower(r.span) AND f.slot < upper(r.span) WHERE r.state = %s
"""
_AHEAD = """
    SELECT count(*) FROM removal_found f
    LEFT JOIN uniqueness_pool p ON p.issuer_range_id = f.slot / %(slots)s
    WHERE f.slot %% %(slots)s >= coalesce(p.next_slot, 0)
"""
# One that was published or claimed since it was found is another exclusion, and stays.
_DELETE = """
    DELETE FROM uniqueness_exclusion e USING removal_found f
    WHERE e.pan = f.pan AND e.reason = f.reason
"""


def create() -> None:
    """Have the tables, within the caller's transaction."""
    _run(_CREATE)


def drop() -> None:
    """Make room for another removal in the same transaction."""
    _run(_DROP)


def copy(pans: NDArray[np.bytes_], *, places: NDArray[np.int64]) -> None:
    """Take some of the numbers (S19) and where they stand."""
    outside = lie_outside(pans, ranges=IssuerRange.objects.all())
    rows = zip(pans[~outside].tolist(), places[~outside].tolist(), strict=True)
    copy_in(_COPY, b"".join([b"%b\t%d\n" % row for row in rows]))
    tokens = tokens_of(pans[outside])
    copy_in(_COPY_OUTSIDE, b"".join([b"%b\n" % str(token).encode() for token in tokens]))


def find(*, source: str | None) -> int:
    """Find the exclusions among the numbers, or all imported from a source; return how many."""
    if source is None:
        _run("ANALYZE removal_read")
        _run(_FOUND + _OF_LIST)
    else:
        _run(_FOUND + _OF_SOURCE, [source, Exclusion.Reason.IMPORTED])
        _run(_OUTSIDE_OF_SOURCE, [source])
    _run(_INDEX)
    place_in_sequence()
    return _count("SELECT count(*) FROM removal_found") + _count(_FOUND_OUTSIDE)


def place_in_sequence() -> None:
    """A window has the same numbers in either order: find those by window, then their slots."""
    pans = defaultdict[int, list[str]](list)
    for pk, pan in _run(_IN_SEQUENCE, _SIZES):
        pans[pk].append(pan)
    for one in IssuerRange.objects.filter(pk__in=pans):
        slots = slots_of(one, pans=pans[one.pk]) + one.first_slot
        _run(_PLACE, [pans[one.pk], slots.tolist()])


def count_wanted() -> int:
    """Count the numbers that were sent, each once."""
    inside = _count("SELECT count(DISTINCT pan) FROM removal_read")
    return inside + _count("SELECT count(DISTINCT token) FROM removal_outside")


def published() -> list[int]:
    """Tell where numbers stand that providers publish."""
    return [place for (place,) in _run(_PUBLISHED)]


def cards() -> list[int]:
    """Tell where numbers stand that cards have."""
    return [place for (place,) in _run(_CARDS)]


def ranges() -> set[int]:
    """Tell the ids of the ranges that the numbers lie in."""
    return {pk for (pk,) in _run(_RANGES, _SIZES)}


def outside() -> int:
    """Count the numbers that lie in no range."""
    return _count("SELECT count(*) FROM removal_found WHERE slot IS NULL")


def kept_outside() -> int:
    """Count the numbers that are kept as tokens, before they are deleted."""
    return _count(_FOUND_OUTSIDE)


def in_spans(state: str) -> int:
    """Count the numbers in spans of that state."""
    return _count(_IN_SPANS, [state])


def ahead() -> int:
    """Count the numbers that lie past the cursors of their ranges."""
    return _count(_AHEAD, _SIZES)


def delete() -> int:
    """Delete the exclusions that were found, seen by nobody until the commit; return how many."""
    locks.add_exclusions()
    locks.remove_exclusions()
    return _change(_DELETE) + _change(_DELETE_OUTSIDE)


def _change(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.rowcount)


def _count(sql: str, parameters: Any = None) -> int:
    return int(_run(sql, parameters)[0][0])


def _run(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []
