"""The first records of a CSV file, as each delimiter cuts them, and the numbers in them."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from uniqueness.exclusions.imports.csv_records import records
from uniqueness.exclusions.imports.doubts import doubts
from uniqueness.exclusions.imports.numbers import judge
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict

_NO_CARDS = (LineVerdict.TELEPHONE, LineVerdict.DATE)


@dataclass(frozen=True, slots=True)
class Row:
    """A record, the line behind it, and the columns in which it has a number."""

    end: int
    cells: list[str]
    numbers: frozenset[int]

    @property
    def filled(self) -> set[int]:
        """Columns with something in them."""
        return {column for column, cell in enumerate(self.cells) if cell.strip()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Records that are not blank: `heads` stand in front of the first one with a number."""

    delimiter: str
    heads: list[Row]
    rows: list[Row]

    @property
    def width(self) -> int:
        """Cells of a usual record."""
        return _usual(self.rows or self.heads)[0]

    @property
    def agreement(self) -> tuple[int, int]:
        """How many records are of the usual width: if that is more than one cell, and anyway."""
        width, times = _usual(self.heads + self.rows)
        return times if width > 1 else 0, times

    @property
    def columns(self) -> set[int]:
        """Columns with something in them, below the heads if there is more."""
        return set().union(*(row.filled for row in self.rows or self.heads[1:] or self.heads))

    @property
    def holding(self) -> list[int]:
        """Columns of numbers: those in which most of what stands there is one, if there are any."""
        numbers = Counter(column for row in self.rows for column in row.numbers)
        filled = Counter(column for row in self.rows for column in row.filled)
        return sorted([one for one in numbers if 2 * numbers[one] > filled[one]] or numbers)


def sample(lines: list[str], *, delimiter: str) -> Sample:
    """Cut lines into records."""
    found = records(lines, delimiter=delimiter, more=False)
    cut = [(end, cells) for _, end, cells in found if cells and any(map(str.strip, cells))]
    numbers = iter(_are_numbers([cell for _, cells in cut for cell in cells]))
    rows = [
        Row(end, cells, frozenset(place for place in range(len(cells)) if next(numbers)))
        for end, cells in cut
    ]
    first = next((place for place, row in enumerate(rows) if row.numbers), len(rows))
    return Sample(delimiter=delimiter, heads=rows[:first], rows=rows[first:])


def _are_numbers(cells: list[str]) -> list[bool]:
    """Tell which cells could be card numbers."""
    if not cells:
        return []
    texts = [cell.replace("\n", "?").encode("latin-1") for cell in cells]
    pans, verdicts = judge(Candidates(texts, {}))
    found = verdicts == LineVerdict.VALID
    found[found] = ~np.isin(doubts(pans), _NO_CARDS)
    numbers: list[bool] = found.tolist()
    return numbers


def _usual(rows: list[Row]) -> tuple[int, int]:
    """Return the width that most records have, and how many have it."""
    widths = Counter(len(row.cells) for row in rows)
    return widths.most_common(1)[0] if widths else (1, 0)
