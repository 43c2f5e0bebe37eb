"""What can be seen of many numbers at once, with NumPy: scheme, check digit, and dates."""

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import rows
from generation.kernel.luhn import check_digits
from generation.schemes import detection
from generation.schemes.model import PREFIX_DIGITS, Luhn, SchemeRange

Pans = NDArray[np.bytes_]
"""N numbers of 12 to 19 ASCII digits (S19)."""
Flags = NDArray[np.bool_]
Values = NDArray[np.uint8]

TEST_SCHEME = "iso_test"
"""Numbers under 000000: nobody's cards, and identifiers filled up with zeros are full of them."""
_ZERO = np.uint8(ord("0"))
_DATE = 8
# Behind a date: hours and minutes, then seconds, then milliseconds; or another date.
_WITH_TIME = (12, 14, 17)
_TIME = (24, 60, 60)
_TWO_DATES = 2 * _DATE


class SchemeRule(IntEnum):
    """What a scheme demands of the last digit; `NONE` has numbers of that prefix and length."""

    NONE = 0
    ANY = 1
    LUHN = 2


def lengths(pans: Pans) -> NDArray[np.int64]:
    """Count the digits of each number."""
    counts: NDArray[np.int64] = np.count_nonzero(rows(pans), axis=1)
    return counts


def have_scheme(pans: Pans) -> Flags:
    """Tell which numbers a scheme has: of this prefix and this length."""
    found: Flags = scheme_rules(pans) > SchemeRule.NONE
    return found


def scheme_rules(pans: Pans) -> NDArray[np.uint8]:
    """Say of each number what its scheme demands (a `SchemeRule`)."""
    found, widths = np.zeros(pans.size, dtype=np.uint8), lengths(pans)
    digits = (rows(pans)[:, :PREFIX_DIGITS] - _ZERO).astype(np.int64)
    prefixes = digits @ 10 ** np.arange(PREFIX_DIGITS - 1, -1, -1)
    for width in np.unique(widths).tolist():
        these = widths == width
        edges, rules = _table(width)
        found[these] = rules[np.searchsorted(edges, prefixes[these], side="right") - 1]
    return found


def end_in_check_digit(pans: Pans) -> Flags:
    """Tell which numbers end in their Luhn check digit (ISO/IEC 7812-1 Annex B)."""
    digits = rows(pans)
    # Zeros in front of a number do not change its Luhn sum.
    aligned, widths = np.zeros_like(digits), lengths(pans)
    for width in np.unique(widths).tolist():
        these = widths == width
        aligned[these, digits.shape[1] - width :] = digits[these, :width] - _ZERO
    good: Flags = check_digits(aligned[:, :-1]) == aligned[:, -1]
    return good


def are_dates(pans: Pans) -> Flags:
    """Tell which numbers are a date and a time, or two dates, written without signs between."""
    found = _are_days(rows(pans)[:, :_DATE])
    places = np.flatnonzero(found)
    for place, pan in zip(places.tolist(), pans[places].tolist(), strict=True):
        found[place] = _goes_on(pan)
    return found


def _goes_on(pan: bytes) -> bool:
    """Tell whether a time or another date stands behind the date."""
    if len(pan) == _TWO_DATES:
        return bool(_are_days(rows(np.array([pan[_DATE:]])))[0])
    parts = (int(pan[start : start + 2]) for start in range(_DATE, len(pan), 2))
    return len(pan) in _WITH_TIME and all(
        part < limit for part, limit in zip(parts, _TIME, strict=False)
    )


def _are_days(digits: Values) -> Flags:
    """Tell which eight digits are a day of 1900 to 2099, whatever of it comes first."""
    ones = (digits - _ZERO).astype(np.int64)
    pairs = ones[:, ::2] * 10 + ones[:, 1::2]
    years = ((pairs == 19) | (pairs == 20))[:, [0, 2]]
    days = _one_is_month(pairs[:, 2], pairs[:, 3]) & years[:, 0]
    result: Flags = days | (_one_is_month(pairs[:, 0], pairs[:, 1]) & years[:, 1])
    return result


def _one_is_month(first: NDArray[np.int64], second: NDArray[np.int64]) -> Flags:
    low, high = np.minimum(first, second), np.maximum(first, second)
    inside: Flags = (low >= 1) & (low <= 12) & (high <= 31)
    return inside


@cache
def _table(width: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    edges, owners = detection.table(width)
    rules = [_rule(owner, width) for owner in owners]
    return np.array(edges, dtype=np.int64), np.array(rules, dtype=np.uint8)


def _rule(owner: SchemeRange | None, width: int) -> SchemeRule:
    if owner is None or owner.scheme == TEST_SCHEME or width not in owner.pan_lengths:
        return SchemeRule.NONE
    return SchemeRule.ANY if owner.luhn is Luhn.NOT_REQUIRED else SchemeRule.LUHN
