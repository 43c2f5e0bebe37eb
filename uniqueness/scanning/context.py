"""Whether digits stand alone, or are part of something else: a hexadecimal text, a fraction, …"""

import re

import numpy as np
from numpy.typing import NDArray

from uniqueness.numbers import Shapes

_AROUND = 64
_UUID = re.compile(
    rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
_FRACTION = re.compile(rb"[0-9]\.\Z")
_WORD_BEFORE = re.compile(rb"[0-9A-Za-z]*\Z")
_WORD_AFTER = re.compile(rb"[0-9A-Za-z]*")
_HEXADECIMAL = re.compile(rb"(?:0[xX])?[0-9A-Fa-f]*")
# Magnetic stripes (ISO/IEC 7813): %B4761…^NAME^, and EMV tag 57: 4761…D2808201…
_TRACK_2 = re.compile(rb"[Dd][0-9]{7}")
_LONGEST_PHONE = 15
"""Digits of a telephone number behind a plus sign (ITU-T E.164)."""
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _table(characters: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, dtype=np.bool_)
    table[list(characters)] = True
    return table


# Elsewhere nothing can be wrong, and nobody needs to look.
_DOUBTFUL_BEFORE, _DOUBTFUL_AFTER = _table(_LETTERS + b".+-"), _table(_LETTERS + b"-")


def alone(text: bytes, shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which shapes of the text are numbers of their own."""
    codes = np.frombuffer(b" " + text + b" ", dtype=np.uint8)
    doubtful = _DOUBTFUL_BEFORE[codes[shapes.starts]] | _DOUBTFUL_AFTER[codes[shapes.ends + 1]]
    standing = ~doubtful
    for place in np.flatnonzero(doubtful).tolist():
        start, end = int(shapes.starts[place]), int(shapes.ends[place])
        standing[place] = _stands_alone(text, start, end)
    return standing


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    left, right = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    digits = text[start:end].translate(None, b" -")
    if _FRACTION.search(left) or (left.endswith(b"+") and len(digits) <= _LONGEST_PHONE):
        return False
    before = _word(_WORD_BEFORE.search(left))
    if (before == b"B" and right.startswith(b"^")) or (not before and _TRACK_2.match(right)):
        return True
    after = _word(_WORD_AFTER.match(right))
    if (before or after) and _HEXADECIMAL.fullmatch(before + text[start:end] + after):
        return False
    around = left + text[start:end] + right
    first, last = len(left), len(left) + end - start
    return not any(
        found.start() <= first and last <= found.end() for found in _UUID.finditer(around)
    )


def _word(match: re.Match[bytes] | None) -> bytes:
    return match[0] if match else b""
