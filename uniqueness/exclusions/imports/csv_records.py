"""Records of CSV (RFC 4180). One may go on over several lines, within quotes."""

import csv
from collections.abc import Callable, Iterator

from toolkit.reading import MOST_LINE

Record = tuple[int, int, list[str] | None]
"""The first line, the line behind the last one, and the cells; none if the quotes do not fit."""

_LONGEST = 2 * MOST_LINE
"""Characters of a record that goes on in the next block."""


class _Cursor:
    """Lines to read, from `place` to `end` - 1."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.place = 0
        self.end = len(lines)

    def __iter__(self) -> Iterator[str]:
        """Read them, as a CSV reader does."""
        return self

    def __next__(self) -> str:
        """Read a line."""
        if self.place >= self.end:
            self.place = self.end + 1  # one more was wanted
            raise StopIteration
        self.place += 1
        return self._lines[self.place - 1]


def records(
    lines: list[str],
    *,
    delimiter: str,
    more: bool,
    trusted: Callable[[list[str]], bool] = lambda _: True,
) -> Iterator[Record]:
    """Yield the records of these lines. Where quotes do not fit, one line is one record.

    :param more: the file goes on behind these lines: a record that does not end here is left out
    :param trusted: tells whether a record of several lines can be one
    """
    cursor, single = _Cursor(lines), 0
    rows = csv.reader(cursor, delimiter=delimiter, strict=True, skipinitialspace=True)
    while cursor.place < len(lines):
        first, cells = cursor.place, None
        cursor.end = first + 1 if first < single else len(lines)
        try:
            cells = next(rows)
        except csv.Error:
            if more and cursor.place > len(lines) and _are_short(lines[first:]):
                return
        if cells is None or (cursor.place > first + 1 and not trusted(cells)):
            # What was read as the inside of quotes is not tried so again: each line would be.
            cells, single = None, max(single, cursor.place - 1)
            cursor.place = first + 1
        yield first, cursor.place, cells


def _are_short(lines: list[str]) -> bool:
    """Tell whether lines can be the beginning of one record: memory has its limits."""
    return sum(map(len, lines)) <= _LONGEST
