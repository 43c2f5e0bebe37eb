"""What one range has left for new orders."""

from generation.models import IssuerRange
from uniqueness.pool.capacity import left_in
from uniqueness.pool.reserving import next_slot
from uniqueness.slots import Span, end_for


def at_least(issuer_range: IssuerRange, *, count: int) -> bool:
    """Tell whether so many numbers are left; locks the range.

    Exclusions are looked at as far as need be: a range may have a million of them.
    """
    first = issuer_range.first_slot
    ahead = Span(first + next_slot(issuer_range), first + issuer_range.capacity)
    return end_for(ahead, count=count) <= ahead.end or left(issuer_range) >= count


def left(issuer_range: IssuerRange) -> int:
    """Count the numbers that can still be set aside."""
    return left_in([issuer_range])[issuer_range.pk]
