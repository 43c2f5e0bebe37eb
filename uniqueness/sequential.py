"""Numbers that count up: whole windows in which PANs follow the slots, without the permutation.

A window has the same PANs in either order, so it must be minted in one order only, for ever. The
windows are taken whole at the cursor; what an order leaves of them stays free for the next one.
"""

from uuid import UUID

from generation.models import IssuerRange, SequentialWindow
from uniqueness import free_spans
from uniqueness.errors import RangeExhausted
from uniqueness.excluded import claimed_slots, count_excluded
from uniqueness.models import Reservation
from uniqueness.reservations import move_cursor, next_slot
from uniqueness.spans import WINDOW, Span

_MOST_PLACES = 100


def reserve_in_sequence(*, issuer_range: IssuerRange, count: int, owner: UUID) -> list[Span]:
    """Set aside `count` numbers that follow each other, excluded ones left out, as one span.

    Runs inside the caller's transaction and holds the range's lock until that ends.

    :raises RangeExhausted: if the range has not so many in sequence left; says how many
    """
    first = next_slot(issuer_range)
    row = free_spans.fitting(issuer_range, count=count, sequential=True)
    if row is None:
        row = _open_windows(issuer_range, first=first, count=count)
    return [free_spans.hold(row, count=count, owner=owner)]


def _open_windows(issuer_range: IssuerRange, *, first: int, count: int) -> Reservation:
    """Take the windows that hold `count` usable numbers, and record that they are sequential."""
    size = min(WINDOW, issuer_range.capacity)
    start, slots = _place(issuer_range, first=first, count=count, size=size)
    if start > first:
        free_spans.set_free(
            issuer_range, span=_packed(issuer_range, first, start), sequential=False
        )
    windows = range(start // WINDOW, (start + slots - 1) // WINDOW + 1)
    SequentialWindow.objects.bulk_create(
        [SequentialWindow(issuer_range=issuer_range, window=window) for window in windows]
    )
    move_cursor(issuer_range, to=start + slots)
    span = _packed(issuer_range, start, start + slots)
    return free_spans.set_free(issuer_range, span=span, sequential=True)


def _place(issuer_range: IssuerRange, *, first: int, count: int, size: int) -> tuple[int, int]:
    """Find the first whole windows that hold `count`: their start and how many slots.

    A claimed card has its slot from the permuted order, so its window keeps that order.
    """
    start = first + -first % size
    for _ in range(_MOST_PLACES):
        slots = _slots_needed(issuer_range, start=start, count=count, size=size)
        claimed = claimed_slots(_packed(issuer_range, start, start + slots))
        if not claimed:
            return start, slots
        last = max(claimed) - issuer_range.first_slot
        start = last - last % size + size
    raise _exhausted(issuer_range, left=0, count=count)


def _slots_needed(issuer_range: IssuerRange, *, start: int, count: int, size: int) -> int:
    """Count the slots of whole windows; numbers excluded in them take others with them."""
    whole = issuer_range.capacity - start
    slots = 0
    usable = 0
    while usable < count and slots < whole:
        slots = min(whole, slots + size * -(-(count - usable) // size))
        usable = slots - count_excluded(_packed(issuer_range, start, start + slots))
    if usable < count:
        raise _exhausted(issuer_range, left=usable, count=count)
    return slots


def _exhausted(issuer_range: IssuerRange, *, left: int, count: int) -> RangeExhausted:
    return RangeExhausted(
        f"Range {issuer_range.name} has {left} numbers left in whole windows for sequential cards,"
        f" {count} were asked for.",
        range=issuer_range.name,
        left=left,
    )


def _packed(issuer_range: IssuerRange, first: int, end: int) -> Span:
    return Span(issuer_range.first_slot + first, issuer_range.first_slot + end)
