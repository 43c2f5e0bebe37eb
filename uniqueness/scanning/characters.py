"""Any bytes as text with one byte a character, so that places and columns are simple.

ASCII stays what it is, but for the control character that means something here (`PAD`). Spaces,
dashes and digits of other alphabets become ASCII ones, what nobody sees becomes `PAD`, every other
character a question mark. Text is UTF-16 or UTF-32 if it begins like it, else UTF-8; what is not
UTF-8 counts as Windows-1252, one character a byte.
"""

import codecs
import sys
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from toolkit.reading import Readable
from toolkit.signs import sign
from uniqueness.scanning.sources import HEAD, Rejoined

READ = 1 << 21
"""Bytes read at once."""
PAD = b"\x1f"
"""Stands where a character was that is no part of the text as it is read."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ZEROS_OF_UTF16 = 0.9
# Above are ideographs, private signs and tags, none of them a digit, a space or a dash.
_SIGNS_BELOW = 0x20000


def characters(stream: Readable) -> Iterator[bytes]:
    """Yield a stream's text, one ASCII byte for each character."""
    head = stream.read(HEAD)
    mark, encoding = _encoding(head)
    decoder = codecs.getincrementaldecoder(encoding)(errors=_errors(encoding))
    rest = Rejoined(head.removeprefix(mark), stream)
    while piece := rest.read(READ):
        # The usual case, several times as fast; a character begun before must be ended, though.
        if encoding == "utf-8" and piece.isascii() and not decoder.getstate()[0]:
            yield piece.replace(PAD, b"?")
        else:
            yield _plain(decoder.decode(piece))
    yield _plain(decoder.decode(b"", True))  # noqa: FBT003 (C takes no keyword)


def _encoding(head: bytes) -> tuple[bytes, str]:
    """Tell the mark a text begins with, and its encoding."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return mark, encoding
    pairs = len(head) // 2
    first, second = head[0 : 2 * pairs : 2], head[1 : 2 * pairs : 2]
    for texts, zeros, encoding in ((first, second, "utf-16-le"), (second, first, "utf-16-be")):
        if pairs and zeros.count(0) > _ZEROS_OF_UTF16 * pairs and not texts.count(0):
            return b"", encoding
    return b"", "utf-8"


def _errors(encoding: str) -> str:
    return "surrogateescape" if encoding == "utf-8" else "replace"


def _plain(text: str) -> bytes:
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
