"""Write cards as a worksheet (ECMA-376)."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from generation.fields import FIELDS
from jobs.results.cards import Block, values
from jobs.results.text_forms import Layout
from toolkit.streams import give_back

_FILTER_BUTTON, _MARGIN = 4, 2
"""Characters of room that a column needs besides its heading or its values."""


def write(blocks: Iterable[Block], layout: Layout, path: Path) -> Iterator[None]:
    """Write one worksheet, a step for each block; numbers of cards are text.

    A spreadsheet keeps only 15 digits. The cells say so, too: a number typed over another one stays
    text.
    """
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "tmpdir": str(path.parent),
    }
    workbook = xlsxwriter.Workbook(str(path), options)
    sheet = workbook.add_worksheet("cards")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, layout.fields, workbook.add_format({"bold": True}))
    text = workbook.add_format({"num_format": "@"})
    kinds = [
        (sheet.write_number, None) if FIELDS[name].number else (sheet.write_string, text)
        for name in layout.fields
    ]
    widths = [len(name) + _FILTER_BUTTON for name in layout.fields]
    row = 1
    # Nobody else closes the rows' own file if this is given up; there is one in constant memory.
    with sheet.row_data_fh:  # type: ignore[attr-defined]
        for block in blocks:
            give_back()
            columns = list(values(block, fields=layout.fields))
            widths = list(map(max, widths, map(_width, columns)))
            for card in zip(*columns, strict=True):
                for column, (value, (write, style)) in enumerate(zip(card, kinds, strict=True)):
                    write(row, column, value, style)
                row += 1
            yield
        _dress(sheet, widths=widths, rows=row)
        workbook.close()


def _dress(sheet: Worksheet, *, widths: Sequence[int], rows: int) -> None:
    """Make all columns wide enough, offer to filter, and let Excel not mark numbers in text."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    last = (rows - 1, len(widths) - 1)
    sheet.autofilter(0, 0, *last)
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, *last)})


def _width(column: Sequence[str | int]) -> int:
    return max(len(str(value)) for value in column) + _MARGIN
