"""Text with one byte a character, so that places and columns are simple.

ASCII stays what it is, but for the control character that means something here (`PAD`). Spaces,
dashes and digits of other alphabets become ASCII ones, what nobody sees becomes `PAD`, every other
character a question mark.
"""

import sys
from functools import cache

import numpy as np
from numpy.typing import NDArray

from toolkit.signs import sign

PAD = b"\x1f"
"""Stands where a character was that is no part of the text as it is read."""
# Above are ideographs, private signs and tags, none of them a digit, a space or a dash.
_SIGNS_BELOW = 0x20000


def in_bytes(text: str) -> bytes:
    """Write a text with one byte a character."""
    return text.encode().replace(PAD, b"?") if text.isascii() else _looked_up(text)


def _looked_up(text: str) -> bytes:
    """Look every character up; texts without characters beyond U+FFFF go by their UTF-16 units."""
    for encoding, unit in (("utf-16-le", "<u2"), ("utf-32-le", "<u4")):
        codes = np.frombuffer(text.encode(encoding, "surrogatepass"), dtype=unit)
        if codes.size == len(text):
            break
    plain: bytes = signs()[codes].tobytes()
    return plain


def byte_of(character: str) -> bytes:
    """Return the byte of one character, none if nobody sees it."""
    found = signs()[ord(character)].tobytes()
    return b"" if found == PAD else found


@cache
def signs() -> NDArray[np.uint8]:
    """Return the table of characters: the byte of each, `PAD` for one that nobody sees."""
    table = np.full(sys.maxunicode + 1, ord("?"), dtype=np.uint8)
    for code in range(_SIGNS_BELOW):
        if (plain := sign(chr(code)) or PAD.decode()).isascii():
            table[code] = ord(plain)
    table[ord(PAD)] = ord("?")
    return table
