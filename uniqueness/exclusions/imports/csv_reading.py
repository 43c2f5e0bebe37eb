"""The numbers' column of a CSV file, read a block at a time."""

import re
from collections.abc import Iterable, Iterator
from io import StringIO

from uniqueness.exclusions.imports.csv_layout import Layout, layout_of
from uniqueness.exclusions.imports.csv_records import records
from uniqueness.exclusions.imports.numbers import in_ascii
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict, too_long
from uniqueness.numbers import find

_ENOUGH = 1 << 19
"""Bytes that tell the layout of a file that has so many."""

# Nothing with fewer digits is a number, and NumPy takes 0.3 ms for the shortest note.
_DIGITS = re.compile(r"(?:[0-9][^0-9]{0,3}){12}")
_BLANK = " \t\n\v\f"  # of ASCII only: no byte of another character is taken off


def csv_candidates(blocks: Iterable[list[bytes]]) -> Iterator[Candidates]:
    """Pick the numbers' column out of the records; what it holds stands for a record's first line.

    :raises UnknownColumns: if nothing tells which column that is
    """
    blocks = iter(blocks)
    lines = _head(blocks)
    layout = layout_of(_texts(lines))
    heads = [place for place in range(layout.start) if lines[place].strip()]
    yield Candidates([b""] * layout.start, dict.fromkeys(heads, LineVerdict.HEADER))
    lines = lines[layout.start :]
    for block in blocks:
        picked = _pick(lines, layout=layout, more=True)
        yield picked
        lines = lines[len(picked.texts) :] + block
    yield _pick(lines, layout=layout, more=False)


def _head(blocks: Iterator[list[bytes]]) -> list[bytes]:
    lines: list[bytes] = []
    for block in blocks:
        lines += block
        if sum(map(len, lines)) > _ENOUGH:
            break
    return lines


def _texts(lines: list[bytes]) -> list[str]:
    """Turn each byte into a character, so that text in any encoding can be read and given back.

    Lines that are too long become empty ones. A carriage return alone ends no line here.
    """
    marks = too_long(lines)
    kept = [b"" if place in marks else line for place, line in enumerate(lines)] if marks else lines
    text = b"\n".join([*kept, b""]).replace(b"\r", b"\v").decode("latin-1")
    return list(StringIO(text, newline="\n"))


def _pick(lines: list[bytes], *, layout: Layout, more: bool) -> Candidates:
    """Return a text for each line, up to the last whole record if the file goes on behind them."""
    marks: dict[int, LineVerdict] = {}
    found, last = [b""] * len(lines), 0
    details = [b""] * len(lines) if layout.details else []

    def trusted(cells: list[str]) -> bool:
        return len(cells) == layout.width and not any(map(_holds_lines_with_numbers, cells))

    for first, last, cells in records(
        _texts(lines), delimiter=layout.delimiter, more=more, trusted=trusted
    ):
        found[first], mark = _number(cells, column=layout.column)
        if mark:
            marks[first] = mark
        elif details and cells:
            details[first] = _details(cells, columns=layout.details)
        if last > first + 1:
            marks |= dict.fromkeys(range(first + 1, last), LineVerdict.CONTINUED)
    long = {place: mark for place, mark in too_long(lines).items() if place < last}
    return Candidates(found[:last], marks | long, details[:last])


def _number(cells: list[str] | None, *, column: int) -> tuple[bytes, LineVerdict | None]:
    if cells is None:
        return b"", LineVerdict.QUOTE
    text = cells[column].strip(_BLANK) if column < len(cells) else ""
    if text:
        return text.replace("\n", "?").encode("latin-1"), None
    return b"", LineVerdict.NO_NUMBER if any(map(str.strip, cells)) else None


def _details(cells: list[str], *, columns: tuple[int, ...]) -> bytes:
    told = "\t".join([cells[column] for column in columns if column < len(cells)])
    return told.encode("latin-1")


def _holds_lines_with_numbers(cell: str) -> bool:
    """Tell whether a cell has swallowed other records: a quote is missing then."""
    text = cell.strip(_BLANK)
    if "\n" not in text or not _DIGITS.search(text):
        return False
    written = in_ascii(text.encode("latin-1"))
    return len(find(written, first=0, end=len(written))) > 0
