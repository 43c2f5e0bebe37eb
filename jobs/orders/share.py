"""What one order may take for itself: of a range's numbers, and of the workers."""

from django.conf import settings

from generation.models import IssuerRange
from jobs.models import Priority
from toolkit.refusals import Refusal
from toolkit.rights import Right, has_right
from toolkit.wording import counted
from uniqueness.pool import remaining
from uniqueness.pool.reserving import next_slot

ALWAYS = 1_000
"""So many cards are no hoard, however few numbers are left."""


class BeyondShare(Refusal):
    """The order would take too much of what a range has left."""

    code = "beyond_share"


class PriorityReserved(Refusal):
    """Only operators may order with that priority."""

    code = "priority_reserved"


def require_share(issuer_range: IssuerRange, *, count: int, user: object) -> None:
    """Check that an order of `count` cards leaves the most of a range to others; locks the range.

    If the range has fewer numbers left than that, it is for the reservation to say so.

    :raises BeyondShare: if not, with the most that the order may take
    """
    share = settings.CARDGEN_RANGE_SHARE
    if count <= ALWAYS or has_right(user, Right.LARGE_ORDERS):
        return
    first = next_slot(issuer_range)
    if remaining.at_least(issuer_range, first=first, count=-(-count * 100 // share)):
        return
    left = remaining.left(issuer_range)
    most = max(ALWAYS, left * share // 100)
    if most < count <= left:
        raise BeyondShare(
            f"One order takes at most {share} % of what a range has left. Range"
            f" {issuer_range.name} has {counted(left, 'number')} left, so that is {most:,};"
            f" {count:,} were asked for. Ask for fewer, or ask an operator.",
            range=issuer_range.name,
            left=left,
            most=most,
        )


def require_priority(priority: str, *, user: object) -> None:
    """Check that the user may order with this priority.

    :raises PriorityReserved: if not
    """
    if priority == Priority.HIGH and not has_right(user, Right.LARGE_ORDERS):
        raise PriorityReserved(
            "Priority high takes workers away from everybody else: only operators may use it."
        )
