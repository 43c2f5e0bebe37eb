"""Numbers that may be none: lists are made by people, and by programs that know no card numbers."""

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import rows
from uniqueness.exclusions.imports.verdicts import LineVerdict
from uniqueness.numbers import SchemeRule, are_dates, end_in_check_digit, scheme_rules

_KEPT = 15
"""Digits that spreadsheets keep of a number: IEEE 754 has no more for sure."""
_ZERO = ord("0")


def doubts(pans: NDArray[np.bytes_]) -> NDArray[np.uint8]:
    """Say of each number what speaks against it (a `LineVerdict`), `VALID` if nothing does."""
    digits, rules = rows(pans), scheme_rules(pans)
    unknown = rules == SchemeRule.NONE
    wrong = (rules == SchemeRule.LUHN) & ~end_in_check_digit(pans)
    found = np.full(pans.size, LineVerdict.VALID, dtype=np.uint8)
    found[wrong] = LineVerdict.CHECK_DIGIT
    found[wrong & _rounded(digits)] = LineVerdict.ROUNDED
    found[unknown] = LineVerdict.NO_SCHEME
    found[unknown & (digits[:, 0] == _ZERO)] = LineVerdict.TELEPHONE
    found[are_dates(pans)] = LineVerdict.DATE
    return found


def _rounded(digits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which numbers have nothing but zeros where a spreadsheet keeps no digits."""
    behind = digits[:, _KEPT:]
    zeros: NDArray[np.bool_] = (behind[:, 0] == _ZERO) & ((behind == _ZERO) | (behind == 0)).all(
        axis=1
    )
    return zeros
