"""Any bytes as text with one byte a character (`toolkit.texts.characters`).

Text is UTF-16 or UTF-32 if it begins like it, else UTF-8; what is not UTF-8 counts as Windows-1252,
one character a byte.
"""

import codecs
from collections.abc import Iterator

from toolkit.reading import Readable
from toolkit.texts.characters import PAD, in_bytes
from uniqueness.scanning.sources import HEAD, Rejoined

READ = 1 << 21
"""Bytes read at once."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ZEROS_OF_UTF16 = 0.9


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
            yield in_bytes(decoder.decode(piece))
    yield in_bytes(decoder.decode(b"", True))  # noqa: FBT003 (C takes no keyword)


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
