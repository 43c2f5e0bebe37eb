"""PANs with one thing wrong: the arithmetic behind `defects`.

Each can be undone, so that no two good PANs become the same wrong one.
"""

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import Rows, column, rows
from generation.kernel.luhn import check_digits

IIN_DIGITS = 6

_ZERO = np.uint8(ord("0"))
# Different, so that a PAN made too long is no PAN of a longer range with a wrong check digit.
_CHECK_SHIFT = 5
_LONG_SHIFT = 3
# What people and scanners mistake digits for; ten letters, so that the digit is not lost.
_LETTERS = np.frombuffer(b"OIZEASGTBQ", dtype=np.uint8)


def wrong_check(pans: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Add 5 to the check digits of N good PANs (ISO/IEC 7812-1), modulo 10."""
    return column(_with_check(rows(pans)[:, :-1], shift=_CHECK_SHIFT))


def longer(pans: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Add a digit to N PANs, which is not the check digit (ISO/IEC 7812-1) but that plus 3."""
    return column(_with_check(rows(pans), shift=_LONG_SHIFT))


def shorter(pans: NDArray[np.bytes_], *, iin_digits: int) -> NDArray[np.bytes_]:
    """Take the check digits off N good PANs, and go on while what is left passes Luhn.

    So nothing is left that could be a good PAN, and all that went can be worked out again.
    """
    texts = rows(pans)[:, :-1].copy()
    digits = texts - _ZERO
    left = np.arange(len(texts))
    for end in range(texts.shape[1] - 1, iin_digits - 1, -1):
        left = left[check_digits(digits[left, :end]) == digits[left, end]]
        texts[left, end] = 0
    return column(texts)


def with_letter(pans: NDArray[np.bytes_], *, places: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Replace one digit of each of N PANs by a letter like it: O for 0, I for 1, B for 8."""
    texts = rows(pans).copy()
    row = np.arange(len(texts))
    texts[row, places] = _LETTERS.take(texts[row, places] - _ZERO)
    return column(texts)


def under_iin(pans: NDArray[np.bytes_], *, iin: str) -> NDArray[np.bytes_]:
    """Replace the first six digits of N PANs, and the check digit to match (ISO/IEC 7812-1)."""
    texts = rows(pans)[:, :-1].copy()
    texts[:, :IIN_DIGITS] = np.frombuffer(iin[:IIN_DIGITS].encode(), dtype=np.uint8)
    return column(_with_check(texts, shift=0))


def _with_check(texts: Rows, *, shift: int) -> Rows:
    last = (_checks(texts) + np.uint8(shift)) % 10 + _ZERO
    return np.column_stack([texts, last])


def _checks(texts: Rows) -> NDArray[np.uint8]:
    return check_digits(texts - _ZERO)
