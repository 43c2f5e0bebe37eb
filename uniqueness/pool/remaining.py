"""What one range has left beyond what it has promised; the range must be locked."""

from generation.models import IssuerRange
from uniqueness.pool import promises, settlement
from uniqueness.pool.capacity import left_in
from uniqueness.slots import Span, end_for


def at_least(issuer_range: IssuerRange, *, first: int, count: int) -> bool:
    """Tell whether so many numbers are left that nobody was promised.

    Exclusions are looked at as far as need be: a range may have a million of them. Near the end
    web processes give back what they hold for small orders.

    :param first: the range's next slot
    """
    wanted = count + promises.in_range(issuer_range)
    start = issuer_range.first_slot
    ahead = Span(start + first, start + issuer_range.capacity)
    if end_for(ahead, count=wanted) <= ahead.end or left(issuer_range) >= count:
        return True
    settlement.release_stocks(issuer_range)
    return left(issuer_range) >= count


def keeps_promises(issuer_range: IssuerRange, *, first: int, count: int) -> bool:
    """Tell whether the range can keep its promises if so many numbers are taken."""
    promised = promises.in_range(issuer_range)
    return not promised or at_least(issuer_range, first=first, count=count)


def most(issuer_range: IssuerRange) -> int:
    """Count the numbers that may be taken at most, or more than there are if none is promised."""
    return left(issuer_range) if promises.in_range(issuer_range) else issuer_range.capacity


def left(issuer_range: IssuerRange) -> int:
    """Count the numbers that can still be ordered."""
    return left_in([issuer_range])[issuer_range.pk]
