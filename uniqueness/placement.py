"""In which slots numbers lie, many at once: arithmetic, a range at a time."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from generation.models import IssuerRange
from generation.ranges import permuted_slots_of

_LONGEST_IIN = 8
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
    rows = np.ascontiguousarray(pans).view(np.uint8).reshape(pans.size, pans.itemsize)
    lengths = (rows != 0).sum(axis=1)
    eight = (rows[:, :_LONGEST_IIN] - _ZERO).astype(np.int64) @ _POWERS
    prefixes = {8: eight, 6: eight // 100}
    slots = np.full(pans.size, -1, dtype=np.int64)
    for one in ranges:
        same_iin = prefixes[len(one.iin)] == int(one.iin)
        inside = np.flatnonzero(same_iin & (lengths == one.pan_length))
        if inside.size:
            found = slots_of(one, pans=pans[inside].astype(f"S{one.pan_length}"))
            slots[inside] = np.where(found >= 0, found + one.first_slot, -1)
    return slots
