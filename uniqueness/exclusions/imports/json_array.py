"""The elements of a JSON array of any size (RFC 8259), in constant memory."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any

from toolkit.reading import UnreadableFile

Element = tuple[int, Any]
"""The line it begins in, from 1, and its value."""

_LONGEST = 1 << 20
"""Characters of an element: whatever is longer does not end where it should."""

_SPACES = re.compile(r"[ \t\r\n]*+")
_decode = JSONDecoder().raw_decode


class _Text:
    """What was read and not yet used; `line` is the one it begins in."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._decoded = getincrementaldecoder("utf-8")(errors="replace").decode
        self._text, self._at, self.line = "", 0, 1

    def more(self) -> bool:
        """Read on; false at the end."""
        piece = next(self._pieces, None)
        self._text, self._at = self._text[self._at :] + self._decoded(piece or b""), 0
        return piece is not None

    def sign(self) -> str:
        """Return the next sign behind spaces, and stand before it; none at the end."""
        self._go(len(_SPACES.match(self._text, self._at)[0]))  # type: ignore[index]  # it matches
        while self._at == len(self._text) and self.more():
            return self.sign()
        return self._text[self._at : self._at + 1]

    def skip(self) -> None:
        """Step over a sign."""
        self._go(1)

    def value(self) -> Any:
        """Read a value, and whatever comes behind it: a number could go on there."""
        while len(self._text) - self._at <= _LONGEST:
            try:
                value, end = _decode(self._text, self._at)
            except ValueError:
                value, end = None, len(self._text)
            if end < len(self._text):
                self._go(end - self._at)
                return value
            if not self.more():
                break
        raise self.wrong()

    def wrong(self) -> UnreadableFile:
        """Say where the text is no JSON any more."""
        return UnreadableFile(f"From line {self.line:,} on the file is no JSON array.")

    def _go(self, signs: int) -> None:
        self.line += self._text.count("\n", self._at, self._at + signs)
        self._at += signs


def elements(pieces: Iterator[bytes]) -> Iterator[Element]:
    """Yield them one by one.

    :raises UnreadableFile: if the text is no array, or does not go on as one
    """
    text = _Text(pieces)
    if text.sign() != "[":
        raise UnreadableFile(
            "The file is no JSON array. With one value in each line, give --format ndjson."
        )
    text.skip()
    if text.sign() == "]":
        return
    while True:
        text.sign()
        line = text.line
        yield line, _value(text)
        end = text.sign()
        if end not in ("]", ","):
            raise text.wrong()
        text.skip()
        if end == "]":
            return


def _value(text: _Text) -> Any:
    try:
        return text.value()
    except RecursionError:
        raise text.wrong() from None
