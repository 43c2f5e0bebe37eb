"""Where the numbers stand in a CSV file: what its records agree on, not how the first one looks."""

import re
from dataclasses import dataclass

from toolkit.refusals import Mistake
from uniqueness.exclusions.imports.columns import bare, detail_columns, number_columns
from uniqueness.exclusions.imports.csv_samples import Row, Sample, sample

_LOOKED_AT = 1_000
"""So many lines tell the layout of a file."""

_DELIMITERS = ",;\t|"
# What Excel takes for the delimiter's name, in the first line.
_NAMED = re.compile(r'"?sep=([^"\w])"?', re.IGNORECASE)
_WORD = re.compile(r"[^0-9]*[^\W\d_]")
_WHAT_TO_DO = "Let the first line call one of them pan, card_number or number."


class UnknownColumns(Mistake):
    """The file does not say where the numbers are."""

    code = "unknown_columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Records begin in line `start` (from 0); a usual one has `width` cells.

    `details` are the columns that tell cards of the same number apart.
    """

    delimiter: str
    column: int
    details: tuple[int, ...]
    width: int
    start: int


def layout_of(lines: list[str]) -> Layout:
    """Find delimiter, header and the numbers' column.

    :raises UnknownColumns: if there are several columns, and nothing tells which one it is
    """
    first, line = next(((at, line) for at, line in enumerate(lines) if line.strip()), (0, ""))
    told = _NAMED.fullmatch(line.rstrip("\n\v"))
    start, delimiters = (first + 1, told[1]) if told else (0, _DELIMITERS)
    looked_at = lines[start : start + _LOOKED_AT]
    samples = [sample(looked_at, delimiter=delimiter) for delimiter in delimiters]
    best = max(samples, key=_agreement)
    column, heads = _column(best)
    header = _header(best)
    return Layout(
        delimiter=best.delimiter,
        column=column,
        details=detail_columns(header.cells) if header else (),
        width=best.width,
        start=start + heads,
    )


def _agreement(found: Sample) -> tuple[int, bool, tuple[int, int]]:
    """Say how well a delimiter fits: records with numbers, a known name, records as wide."""
    with_numbers = len([row for row in found.rows if row.numbers])
    return with_numbers, _header(found) is not None, found.agreement


def _header(found: Sample) -> Row | None:
    """Find the head with a known name; a title may stand above it."""
    return next((row for row in found.heads if number_columns(row.cells)), None)


def _column(found: Sample) -> tuple[int, int]:
    """Return the numbers' column, and how many lines the heads take."""
    header = _header(found)
    if header:
        named = number_columns(header.cells)
        good = [column for column in named if column in found.holding] or named
        name = bare(header.cells[good[0]])
        return _only([one for one in good if bare(header.cells[one]) == name]), header.end
    words = bool(found.heads) and _are_words(found.heads[0], found.holding)
    if words and len(found.columns) > 1:
        raise UnknownColumns(
            f"No name of a column says that card numbers stand there. {_WHAT_TO_DO}"
        )
    return _only(found.holding or [0]), found.heads[0].end if words else 0


def _only(columns: list[int]) -> int:
    if len(columns) > 1:
        which = " and ".join(str(column + 1) for column in columns[:2])
        raise UnknownColumns(f"Columns {which} both hold numbers. {_WHAT_TO_DO}")
    return columns[0]


def _are_words(row: Row, columns: list[int]) -> bool:
    """Tell whether names stand where other records have numbers."""
    cells = [row.cells[place] for place in sorted(row.filled) if place in columns or not columns]
    return bool(cells) and all(map(_WORD.match, cells))
