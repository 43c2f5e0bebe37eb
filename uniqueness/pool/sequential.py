"""Numbers that count up: whole windows in which PANs follow the slots, without the permutation.

A window has the same PANs in either order, so it must be minted in one order only, for ever. The
windows are taken whole at the cursor; what an order leaves of them stays free for the next one.
"""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from generation.models import IssuerRange, SequentialWindow
from toolkit.wording import counted
from uniqueness.errors import RangeExhausted
from uniqueness.models import Reservation
from uniqueness.pool import free_spans, remaining
from uniqueness.pool.reserving import move_cursor, next_slot
from uniqueness.pool.settlement import between
from uniqueness.slots import WINDOW, Span, claimed_windows, count_excluded

_Windows = NDArray[np.int64]


def reserve_in_sequence(*, issuer_range: IssuerRange, count: int, owner: UUID) -> list[Span]:
    """Set aside `count` numbers that count up in windows of their own, excluded ones left out.

    A free span that just holds them comes first, then new windows, and near the end of the range
    whatever is left of both. Runs inside the caller's transaction and holds the range's lock until
    that ends.

    :raises RangeExhausted: if fewer are left; says how many
    """
    first = next_slot(issuer_range)
    row = free_spans.fitting(issuer_range, count=count, sequential=True)
    if row is not None:
        return [free_spans.hold(row, count=count, owner=owner)]
    windows, usable = _new_windows(issuer_range, first=first, count=count)
    rest = [] if usable >= count else free_spans.largest_first(issuer_range, sequential=True)
    left = usable + sum(map(free_spans.usable, rest))
    if left < count:
        raise _exhausted(issuer_range, left=left, count=count)
    opened = _open(issuer_range, windows, first=first)
    return free_spans.hold_from([*opened, *rest], count=count, owner=owner)


def whole_windows(issuer_range: IssuerRange, *, first: int) -> range:
    """Windows that nobody has begun if the range's next slot is `first`."""
    size = _size(issuer_range)
    return range(-(-first // size), issuer_range.capacity // size)


def _new_windows(issuer_range: IssuerRange, *, first: int, count: int) -> tuple[_Windows, int]:
    """Choose the next windows that hold `count` usable numbers, or all; say how many they hold.

    A claimed card has its slot from the permuted order, so its window keeps that order.
    """
    size = _size(issuer_range)
    ahead = whole_windows(issuer_range, first=first)
    claimed = claimed_windows(issuer_range, slots=Span(first, issuer_range.capacity))
    clean = np.setdiff1d(np.arange(ahead.start, ahead.stop, dtype=np.int64), claimed)
    clean = clean[: remaining.most(issuer_range) // size]
    chosen = usable = 0
    while usable < count and chosen < clean.size:
        more = clean[chosen : chosen + -(-(count - usable) // size)]
        usable += sum(len(run) - count_excluded(run) for run in _runs(issuer_range, more))
        chosen += more.size
    return clean[:chosen], usable


def _open(issuer_range: IssuerRange, windows: _Windows, *, first: int) -> list[Reservation]:
    """Keep these windows for sequential orders, and what lies before and between for others."""
    if not windows.size:
        return []
    runs = list(_runs(issuer_range, windows))
    SequentialWindow.objects.bulk_create(
        [SequentialWindow(issuer_range=issuer_range, window=window) for window in windows.tolist()]
    )
    move_cursor(issuer_range, to=runs[-1].end - issuer_range.first_slot)
    for skipped in between(Span(issuer_range.first_slot + first, runs[-1].end), runs):
        free_spans.set_free(issuer_range, span=skipped, sequential=False)
    return [free_spans.set_free(issuer_range, span=run, sequential=True) for run in runs]


def _runs(issuer_range: IssuerRange, windows: _Windows) -> Iterator[Span]:
    """Yield the packed slots of windows, those that follow each other as one span."""
    size = _size(issuer_range)
    for run in np.split(windows, np.flatnonzero(np.diff(windows) > 1) + 1):
        first, last = int(run[0]), int(run[-1])
        yield Span(
            issuer_range.first_slot + first * size, issuer_range.first_slot + (last + 1) * size
        )


def _size(issuer_range: IssuerRange) -> int:
    return min(WINDOW, issuer_range.capacity)


def _exhausted(issuer_range: IssuerRange, *, left: int, count: int) -> RangeExhausted:
    return RangeExhausted(
        f"Range {issuer_range.name} has {counted(left, 'number')} left for sequential cards, which"
        f" need whole windows of {_size(issuer_range):,} numbers without a claimed one;"
        f" {counted(count, 'was', 'were')} asked for.",
        range=issuer_range.name,
        left=left,
    )
