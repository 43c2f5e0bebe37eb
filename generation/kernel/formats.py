"""How people and files write PANs and expiry dates."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import column, rows

_LAST = 4


class ExpiryForm(StrEnum):
    """Ways to write an expiry month: printed (ISO/IEC 7813), encoded, ISO 8601, and reversed."""

    PRINTED = "MM/YY"
    YYMM = "YYMM"
    ISO = "YYYY-MM"
    MMYY = "MMYY"


def grouped_pans(
    pans: NDArray[np.bytes_], *, grouping: Sequence[int], separator: str = " "
) -> NDArray[np.bytes_]:
    """Write N PANs in groups as embossed on the card: (4, 6, 5) gives 3782 822463 10005.

    :raises ValueError: if the groups do not add up to the PAN's length, one is empty, or the
        separator is not one ASCII character
    """
    if sum(grouping) != pans.itemsize or min(grouping, default=0) < 1:
        raise ValueError(f"the groups must add up to {pans.itemsize} digits")
    if len(separator) != 1 or not separator.isascii():
        raise ValueError("the separator must be one ASCII character")
    gaps = list(accumulate(grouping))[:-1]
    return column(np.insert(rows(pans), gaps, ord(separator), axis=1))


def masked_pans(pans: NDArray[np.bytes_], *, first: int = 6) -> NDArray[np.bytes_]:
    """Hide the middle of N PANs: first six or eight, last four, `*` between (PCI DSS 3.4.1).

    :raises ValueError: if `first` is not 6 or 8, or nothing is between it and the last four
    """
    if first not in (6, 8):
        raise ValueError("the first 6 or 8 digits may be shown")
    if first + _LAST >= pans.itemsize:
        raise ValueError(f"with {pans.itemsize} digits, the first {first} hide nothing")
    texts = rows(pans).copy()
    texts[:, first:-_LAST] = ord("*")
    return column(texts)


def last_fours(pans: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Give the last four digits of N PANs, as receipts do (dtype S4)."""
    return column(rows(pans)[:, -_LAST:])


def expiry_texts(months: NDArray[np.int32], *, form: ExpiryForm) -> NDArray[np.bytes_]:
    """Write N expiry months, counted as year * 12 + month - 1."""
    lowest, highest = (int(months.min()), int(months.max())) if months.size else (0, 0)
    # Few different months: each is written once, and a card costs one look-up.
    texts = [_expiry_text(month, form) for month in range(lowest, highest + 1)]
    return np.array(texts, dtype=f"S{len(form.value)}").take(months - lowest)


def _expiry_text(month: int, form: ExpiryForm) -> bytes:
    year, index = divmod(month, 12)
    text = form.value.replace("YYYY", f"{year:04d}").replace("YY", f"{year % 100:02d}")
    return text.replace("MM", f"{index + 1:02d}").encode()
