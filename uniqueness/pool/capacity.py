"""What became of the numbers of many ranges, in one query."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from generation.models import SLOTS_PER_RANGE, IssuerRange

# Free spans of sequential windows are left for sequential orders only. Excluded numbers are counted
# where they could still be met: past the cursor and in free spans.
_FIGURES = """
    WITH spans AS (
        SELECT issuer_range_id AS id, sum(issued) AS issued,
            sum(upper(span) - lower(span)) FILTER (WHERE state = 'held') AS reserved,
            sum(upper(span) - lower(span)) FILTER (WHERE state = 'free' AND NOT sequential)
                AS released,
            sum(upper(span) - lower(span)) FILTER (WHERE state = 'free' AND sequential)
                AS sequential
        FROM uniqueness_reservation WHERE issuer_range_id = ANY(%(ids)s) GROUP BY 1),
    promised AS (
        SELECT issuer_range_id AS id, sum(count) AS numbers
        FROM uniqueness_promise WHERE issuer_range_id = ANY(%(ids)s) GROUP BY 1),
    claimed AS (
        SELECT slot / %(slots)s AS id, count(*) AS claimed
        FROM uniqueness_exclusion WHERE owner IS NOT NULL AND slot IS NOT NULL GROUP BY 1)
    SELECT r.id, coalesce(p.next_slot, 0), coalesce(s.issued, 0) + coalesce(c.claimed, 0),
        coalesce(s.reserved, 0), coalesce(s.released, 0), coalesce(s.sequential, 0),
        coalesce(promised.numbers, 0),
        (SELECT count(*) FROM uniqueness_exclusion e
         WHERE e.slot >= r.id * %(slots)s
            AND e.slot < r.id * %(slots)s + coalesce(p.next_slot, 0)),
        (SELECT count(*) FROM uniqueness_exclusion e
         WHERE e.slot >= r.id * %(slots)s + coalesce(p.next_slot, 0)
            AND e.slot < (r.id + 1) * %(slots)s),
        (SELECT count(*) FROM uniqueness_reservation f JOIN uniqueness_exclusion e
            ON e.slot >= lower(f.span) AND e.slot < upper(f.span)
         WHERE f.issuer_range_id = r.id AND f.state = 'free' AND NOT f.sequential)
    FROM generation_issuerrange r LEFT JOIN uniqueness_pool p ON p.issuer_range_id = r.id
    LEFT JOIN spans s ON s.id = r.id LEFT JOIN claimed c ON c.id = r.id
    LEFT JOIN promised ON promised.id = r.id
    WHERE r.id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeFigures:
    """Numbers of a range.

    `issued` were written to the ledger, purged ones included; `reserved` are held by jobs, of which
    some are issued by now; `released` are free again, `released_sequential` for sequential orders
    only; `promised` are kept for jobs that set them aside later; `excluded` are never minted at
    random; `left` can still be ordered.
    """

    capacity: int
    issued: int
    reserved: int
    released: int
    released_sequential: int
    promised: int
    excluded: int
    left: int


def figures_of(ranges: Iterable[IssuerRange]) -> dict[int, RangeFigures]:
    """Count what became of the numbers of each range, by the range's id."""
    capacities = {int(issuer_range.pk): issuer_range.capacity for issuer_range in ranges}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"slots": SLOTS_PER_RANGE, "ids": list(capacities)})
        rows = cursor.fetchall()
    return {pk: _figures(capacities[pk], *map(int, counts)) for pk, *counts in rows}


def left_in(ranges: Iterable[IssuerRange]) -> dict[int, int]:
    """Count the numbers that can still be ordered in each range, by the range's id."""
    return {pk: figures.left for pk, figures in figures_of(ranges).items()}


def _figures(capacity: int, *counts: int) -> RangeFigures:
    cursor, issued, reserved, released, sequential, promised, behind, ahead, among_free = counts
    unused = capacity - cursor - ahead + released - among_free
    return RangeFigures(
        capacity=capacity,
        issued=issued,
        reserved=reserved,
        released=released,
        released_sequential=sequential,
        promised=promised,
        excluded=behind + ahead,
        left=max(0, unused - promised),  # numbers may be excluded that were promised
    )
