"""Text cut into pieces that overlap, so that no number and nothing around it is cut."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.reading import UnreadableFile

AROUND = 512
"""Characters kept on both sides of a piece: more than a number, each of its digits escaped twice
over, and what is looked at around it."""
_SEARCHED = 4_096
_OF_NUMBERS = b"0123456789 -"
_GOES_ON = (b"=\n", b"=\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text: numbers that begin at `first` to `end` - 1 of `text` are this piece's.

    `line` and `column`, both from 1, are those of the first character of `text`.
    """

    text: bytes
    first: int
    end: int
    line: int
    column: int

    def lines_and_columns(
        self, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tell in which lines and columns, both from 1, these places of `text` are."""
        breaks = np.flatnonzero(np.frombuffer(self.text, dtype=np.uint8) == ord("\n"))
        before = np.searchsorted(breaks, places)
        # A line that began in an earlier piece began before this text does.
        starts = np.concatenate([[1 - self.column], breaks + 1])
        return self.line + before, places - starts[before] + 1

    def following(self, gone: int) -> tuple[int, int]:
        """Tell line and column of the character behind the first `gone` ones."""
        breaks = self.text.count(b"\n", 0, gone)
        if not breaks:
            return self.line, self.column + gone
        return self.line + breaks, gone - self.text.rfind(b"\n", 0, gone)


def pieces(characters: Iterator[bytes]) -> Iterator[Piece]:
    """Cut a text, where possible not within anything that could be a number.

    Where characters fail to come, what came before is given first.

    :raises UnreadableFile: as `characters` does
    """
    text, first, line, column = b"", 0, 1, 1
    for chunk, trouble in _with_end(characters):
        text += chunk
        end = _cut(text, first) if chunk else len(text)
        piece = Piece(text=text, first=first, end=end, line=line, column=column)
        if end > first:
            yield piece
        if trouble:
            raise trouble
        gone = max(0, end - AROUND)
        line, column = piece.following(gone)
        text, first = text[gone:], end - gone


def _with_end(characters: Iterator[bytes]) -> Iterator[tuple[bytes, UnreadableFile | None]]:
    """Give the chunks that are not empty; then, at the end, an empty one, with what went wrong."""
    trouble = None
    try:
        for chunk in characters:
            if chunk:
                yield chunk, None
    except UnreadableFile as error:
        trouble = error
    yield b"", trouble


def _cut(text: bytes, first: int) -> int:
    """Find where to cut: behind a line, else a character no number has, else at the last moment."""
    latest = len(text) - AROUND
    if latest <= first:
        return first
    tail = text[max(first, latest - _SEARCHED) : latest]
    lines = tail[: tail.rfind(b"\n") + 1]
    if lines.endswith(_GOES_ON):
        lines = b""
    kept = lines or tail.rstrip(_OF_NUMBERS)
    return latest - (len(tail) - len(kept)) if kept else latest
