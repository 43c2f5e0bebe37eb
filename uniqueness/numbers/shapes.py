"""Find what could be a card number by its digits and groups alone, with NumPy.

A number is 12 to 19 digits (ISO/IEC 7812-1): one run, or two to five runs with single spaces or
dashes between them, all but the last of four digits or more. A run is never cut.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import column
from generation.kernel.luhn import check_digits

SHORTEST, LONGEST = 12, 19
_GROUPS = 5  # 4-4-4-4-3
_LEAST = 4
_ZERO = np.uint8(ord("0"))
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_PLACES = np.arange(LONGEST)
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """N stretches of a text: digits at places `starts` to `ends` - 1, in runs of so many digits.

    `groups` is N x 5, zeros behind the last run; `luhn` tells whether a number ends in its check
    digit (ISO/IEC 7812-1 Annex B).
    """

    starts: Places
    ends: Places
    pans: NDArray[np.bytes_]  # S19
    groups: NDArray[np.int64]
    luhn: NDArray[np.bool_]

    def __len__(self) -> int:
        return self.starts.size

    def take(self, which: NDArray[np.bool_]) -> "Shapes":
        """Return some of them."""
        return Shapes(
            starts=self.starts[which],
            ends=self.ends[which],
            pans=self.pans[which],
            groups=self.groups[which],
            luhn=self.luhn[which],
        )


def find(text: bytes, *, first: int, end: int) -> Shapes:
    """Find all that begin at `first` to `end` - 1. They may overlap."""
    starts, ends = _runs(np.frombuffer(text, dtype=np.uint8))
    lengths = ends - starts
    found = list(_candidates(lengths, linked=_linked(text, starts, ends)))
    heads = np.concatenate([head for head, _ in found])
    lasts = np.concatenate([last for _, last in found])
    inside = (starts[heads] >= first) & (starts[heads] < end)
    heads, lasts = heads[inside], lasts[inside]
    pans, luhn = _numbers(text, lengths, heads, lasts)
    runs = heads[:, np.newaxis] + np.arange(_GROUPS)
    padded = np.concatenate([lengths, np.zeros(_GROUPS, dtype=np.int64)])
    return Shapes(
        starts=starts[heads],
        ends=ends[lasts],
        pans=pans,
        groups=np.where(runs <= lasts[:, np.newaxis], padded[runs], 0),
        luhn=luhn,
    )


def _runs(codes: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Find where runs of digits begin and end."""
    digit = np.zeros(codes.size + 2, dtype=np.bool_)
    np.less_equal(codes - _ZERO, 9, out=digit[1:-1])
    edges = np.flatnonzero(digit[1:] != digit[:-1])
    return edges[::2], edges[1::2]


def _linked(text: bytes, starts: Places, ends: Places) -> NDArray[np.bool_]:
    """Tell of each run whether a single space or dash parts it from the next one."""
    linked = np.zeros(starts.size, dtype=np.bool_)
    near = np.flatnonzero(starts[1:] - ends[:-1] == 1)
    between = np.frombuffer(text, dtype=np.uint8)[ends[near]]
    linked[near] = (between == ord(" ")) | (between == ord("-"))
    return linked


def _candidates(lengths: Places, *, linked: NDArray[np.bool_]) -> Iterator[tuple[Places, Places]]:
    """Yield first and last runs of stretches that have 12 to 19 digits, by number of runs."""
    heads = np.flatnonzero((lengths >= SHORTEST) & (lengths <= LONGEST))
    yield heads, heads
    heads = np.flatnonzero(linked & (lengths >= _LEAST) & (lengths < LONGEST))
    totals = lengths[heads]
    for more in range(1, _GROUPS):
        lasts = heads + more
        totals = totals + lengths[lasts]
        fitting = (totals >= SHORTEST) & (totals <= LONGEST)
        yield heads[fitting], lasts[fitting]
        goes_on = linked[lasts] & (lengths[lasts] >= _LEAST) & (totals < LONGEST)
        heads, totals = heads[goes_on], totals[goes_on]


def _numbers(
    text: bytes, lengths: Places, heads: Places, lasts: Places
) -> tuple[NDArray[np.bytes_], NDArray[np.bool_]]:
    """Read the digits of stretches: between their runs are no others."""
    before = np.concatenate([[0], np.cumsum(lengths)])
    # Zeros in front of a number do not change its Luhn sum, and fill the column.
    digits = np.frombuffer(bytes(LONGEST) + text.translate(None, _NO_DIGITS), dtype=np.uint8)
    stops = before[lasts + 1]
    totals = (stops - before[heads])[:, np.newaxis]
    right = digits[stops[:, np.newaxis] + _PLACES]
    values = np.where(LONGEST - totals <= _PLACES, right - _ZERO, 0).astype(np.uint8)
    rolled = np.take_along_axis(right, (_PLACES + LONGEST - totals) % LONGEST, axis=1)
    pans = np.where(totals > _PLACES, rolled, 0).astype(np.uint8)
    return column(pans), check_digits(values[:, :-1]) == values[:, -1]
