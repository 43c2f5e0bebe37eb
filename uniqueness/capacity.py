"""How many numbers are left in many ranges, in one query."""

from collections.abc import Iterable

from django.db import connection

from generation.models import SLOTS_PER_RANGE, IssuerRange

_TAKEN = """
    SELECT r.id, coalesce(p.next_slot, 0) + (
        SELECT count(*) FROM uniqueness_exclusion e
        WHERE e.slot >= r.id * %(slots)s + coalesce(p.next_slot, 0)
            AND e.slot < (r.id + 1) * %(slots)s)
    FROM generation_issuerrange r LEFT JOIN uniqueness_pool p ON p.issuer_range_id = r.id
    WHERE r.id = ANY(%(ids)s)
"""


def left_in(ranges: Iterable[IssuerRange]) -> dict[int, int]:
    """Count the numbers that can still be set aside in each range, by the range's id."""
    capacities = {int(issuer_range.pk): issuer_range.capacity for issuer_range in ranges}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"slots": SLOTS_PER_RANGE, "ids": list(capacities)})
        return {pk: capacities[pk] - taken for pk, taken in cursor.fetchall()}
