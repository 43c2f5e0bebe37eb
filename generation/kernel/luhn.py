"""The check digit of ISO/IEC 7812-1 Annex B (Luhn, modulus 10, double-add-double)."""

import numpy as np
from numpy.typing import NDArray

# A doubled digit counts as the sum of its own digits: 0 2 4 6 8 1 3 5 7 9.
DOUBLED: NDArray[np.uint8] = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], dtype=np.uint8)
DOUBLED.setflags(write=False)


def check_digits(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the check digit of each row of payload digits (ISO/IEC 7812-1 Annex B).

    :param digits: N x k digits 0 to 9 (not ASCII), most significant first, without check digit
    :returns: N check digits
    :raises ValueError: if the array is not two-dimensional or holds anything above 9
    """
    if digits.ndim != 2:
        raise ValueError("digits must be an N x k array")
    if digits.size and (digits.min() < 0 or digits.max() > 9):
        raise ValueError("digits must be between 0 and 9")
    from_right = digits[:, ::-1]
    total = DOUBLED[from_right[:, 0::2]].sum(axis=1, dtype=np.int64)
    total += from_right[:, 1::2].sum(axis=1, dtype=np.int64)
    checks: NDArray[np.uint8] = (-total % 10).astype(np.uint8)
    return checks


def is_valid(pan: str) -> bool:
    """Tell whether the text is ASCII digits that end in their own Luhn check digit."""
    # str.isdigit alone would let other scripts' digits and superscripts through.
    if not (pan.isascii() and pan.isdigit()):
        return False
    digits = np.frombuffer(pan.encode("ascii"), dtype=np.uint8) - ord("0")
    return bool(check_digits(digits[np.newaxis, :-1])[0] == digits[-1])
