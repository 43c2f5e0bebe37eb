"""The text of an SQL dump, read piece by piece."""

import re
from collections.abc import Iterator

from toolkit.reading import UnreadableFile

_HEAD = 1 << 16
"""Bytes that the beginning of a statement may have, up to its values."""

_LONGEST = 4 << 20
"""Bytes of a row: whatever is longer does not end where it should."""


class SqlText:
    """What was read and not yet used; `at` is the line it begins in, from 1."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Read from `pieces`."""
        self._pieces = pieces
        self._text, self._place, self._ended, self.at = b"", 0, False, 1

    def goes_on(self) -> bool:
        """Say whether anything is left, and have enough of it for the beginning of a statement."""
        while len(self._text) - self._place < _HEAD and self._more():
            pass
        return self._place < len(self._text)

    def take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step over what fits, if it stands here."""
        found = pattern.match(self._text, self._place)
        if found:
            self._go(found.end())
        return found

    def take_far(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step over what fits, wherever it ends."""
        found = self.take(pattern)
        while not found and len(self._text) - self._place < _LONGEST and self._more():
            found = self.take(pattern)
        return found

    def line(self) -> bytes | None:
        """Step over a line, and return it without its end; none at the end of the dump.

        :raises UnreadableFile: if it does not end
        """
        while (end := self._text.find(b"\n", self._place)) < 0:
            if len(self._text) - self._place > _LONGEST:
                raise UnreadableFile(f"Line {self.at:,} is longer than {_LONGEST >> 20} MiB.")
            if not self._more():
                return None
        found = self._text[self._place : end]
        self._go(end + 1)
        return found

    def skip_line(self) -> None:
        """Step over a line, however long."""
        while (end := self._text.find(b"\n", self._place)) < 0:
            self._place = len(self._text)
            if not self._more():
                return
        self._go(end + 1)

    def _more(self) -> bool:
        if self._ended:
            return False
        piece = next(self._pieces, None)
        self._ended = piece is None
        # As if the last statement and the last line had their ends.
        self._text, self._place = self._text[self._place :] + (piece or b";\n"), 0
        return True

    def _go(self, place: int) -> None:
        self.at += self._text.count(b"\n", self._place, place)
        self._place = place
