"""In which slots numbers lie, many at once: arithmetic, a range at a time."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from generation.models import IssuerRange
from generation.ranges import permuted_slots_of

_LONGEST_IIN = 8
_MOST_IINS = 1_000
_ZERO = np.uint8(ord("0"))
_POWERS = 10 ** np.arange(_LONGEST_IIN - 1, -1, -1, dtype=np.int64)

SlotsOf = Callable[..., NDArray[np.int64]]


def packed_slots(
    pans: NDArray[np.bytes_],
    *,
    ranges: Iterable[IssuerRange],
    slots_of: SlotsOf = permuted_slots_of,
) -> NDArray[np.int64]:
    """Find the packed slots of N PANs (S19, ASCII digits), -1 for those in none of the ranges.

    :param slots_of: the permuted slots that exclusions keep, or where cards really lie
    """
    lengths, prefixes = _measured(pans)
    slots = np.full(pans.size, -1, dtype=np.int64)
    known = {size: set(np.unique(values).tolist()) for size, values in prefixes.items()}
    for one in ranges:
        if int(one.iin) not in known[len(one.iin)]:
            continue
        same_iin = prefixes[len(one.iin)] == int(one.iin)
        inside = np.flatnonzero(same_iin & (lengths == one.pan_length))
        if inside.size:
            found = slots_of(one, pans=pans[inside].astype(f"S{one.pan_length}"))
            slots[inside] = np.where(found >= 0, found + one.first_slot, -1)
    return slots


def ranges_of(pans: NDArray[np.bytes_]) -> list[IssuerRange]:
    """Fetch the registered ranges that N PANs (S19, ASCII digits) may lie in."""
    _, prefixes = _measured(pans)
    iins = {f"{value:0{size}}" for size, some in prefixes.items() for value in np.unique(some)}
    ranges = IssuerRange.objects.all()
    return list(ranges.filter(iin__in=iins) if len(iins) <= _MOST_IINS else ranges)


def _measured(pans: NDArray[np.bytes_]) -> tuple[NDArray[np.int64], dict[int, NDArray[np.int64]]]:
    """Count the digits of N PANs, and read the first eight and six of each as numbers."""
    rows = np.ascontiguousarray(pans).view(np.uint8).reshape(pans.size, pans.itemsize)
    eight = (rows[:, :_LONGEST_IIN] - _ZERO).astype(np.int64) @ _POWERS
    return (rows != 0).sum(axis=1), {8: eight, 6: eight // 100}
