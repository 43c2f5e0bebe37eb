"""Which scheme a number is of. One fixed order decides every overlap (docs/cards-schemes.md).

1. A living scheme's own prefix, before an ended scheme's; shared prefixes never decide.
2. A range that has numbers of this length, before one that has not.
3. The range with the fewest prefixes: most specific first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cache

from generation.schemes.model import PREFIX_DIGITS, RangeRole, Scheme, SchemeRange
from generation.schemes.registry import get, ranges

PAN_LENGTHS = range(12, 20)
_STRENGTH = {role: place for place, role in enumerate(RangeRole)}
_ANY_LENGTH = 0
Table = tuple[list[int], list[SchemeRange | None]]
"""Prefixes of 8 digits at which the answer changes, and the range from each of them on."""


def detect(pan_or_prefix: str) -> Scheme | None:
    """Name the scheme of a PAN, or of all PANs with a prefix; None if the catalogue has none.

    A prefix says nothing of ranges narrower than itself: `65` is Discover, `650901` Elo.

    :raises ValueError: if the text is not ASCII digits
    """
    found = range_of(pan_or_prefix)
    return get(found.scheme) if found else None


def range_of(pan_or_prefix: str) -> SchemeRange | None:
    """Find the range that decides the scheme.

    :raises ValueError: if the text is not ASCII digits
    """
    lowest, highest = _bounds(pan_or_prefix)
    if lowest != highest:
        return next(iter(_deciding(lowest, highest, _ANY_LENGTH)), None)
    length = len(pan_or_prefix)
    edges, owners = table(length if length in PAN_LENGTHS else _ANY_LENGTH)
    return owners[bisect_right(edges, lowest) - 1]


def candidates(pan_or_prefix: str) -> list[SchemeRange]:
    """List every range that holds the number or prefix, the deciding one first, shared ones last.

    :raises ValueError: if the text is not ASCII digits
    """
    length = len(pan_or_prefix)
    return _holding(*_bounds(pan_or_prefix), length if length in PAN_LENGTHS else _ANY_LENGTH)


@cache
def table(length: int) -> Table:
    """Cut the prefixes where any range begins or ends: between two cuts the answer is the same.

    The strongest range is laid on last. Built once for each PAN length, in 3 ms; asking for each
    piece anew took 100.
    """
    edges = sorted({0} | {edge for span in ranges() for edge in (span.lowest, span.highest + 1)})
    owners: list[SchemeRange | None] = [None] * len(edges)
    for span in reversed(_strongest_first(ranges(), length)):
        if span.role is not RangeRole.SHARED:
            first, end = bisect_left(edges, span.lowest), bisect_right(edges, span.highest)
            owners[first:end] = [span] * (end - first)
    return edges, owners


def _bounds(digits: str) -> tuple[int, int]:
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("a number is one or more ASCII digits")
    prefix = digits[:PREFIX_DIGITS]
    return int(prefix.ljust(PREFIX_DIGITS, "0")), int(prefix.ljust(PREFIX_DIGITS, "9"))


def _deciding(lowest: int, highest: int, length: int) -> list[SchemeRange]:
    found = _holding(lowest, highest, length)
    return [span for span in found if span.role is not RangeRole.SHARED]


def _holding(lowest: int, highest: int, length: int) -> list[SchemeRange]:
    holding = (span for span in ranges() if span.lowest <= lowest and highest <= span.highest)
    return _strongest_first(holding, length)


def _strongest_first(spans: Iterable[SchemeRange], length: int) -> list[SchemeRange]:
    def order(span: SchemeRange) -> tuple[int, bool, int]:
        wrong_length = length != _ANY_LENGTH and length not in span.pan_lengths
        return _STRENGTH[span.role], wrong_length, span.highest - span.lowest

    return sorted(spans, key=order)
