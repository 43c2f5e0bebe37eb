"""Forms that only exist as a whole file: written to disk in constant memory, then read out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import xlsxwriter
from django.conf import settings
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from generation.fields import FIELDS
from jobs.results.cards import Block, values
from jobs.results.room import Room
from jobs.results.text_forms import TAIL, Layout
from toolkit.refusals import Refusal
from toolkit.streams import give_back

try:
    import pyarrow
    from pyarrow import parquet
except ImportError:  # an optional extra, see requirements-parquet.txt
    pyarrow = None

XLSX_ROWS = 1_048_575
"""Rows of a worksheet, less the header (ECMA-376)."""
_PIECE = 1 << 20
_FILTER_BUTTON, _MARGIN = 4, 2
"""Characters of room that a column needs besides its heading or its values."""


class FormatUnavailable(Refusal):
    """This installation cannot write that form."""

    code = "format_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A whole-file form: its media type and ending, its limit, and how it is written."""

    repeatable: ClassVar[bool] = False
    media_type: str
    ending: str
    write: Callable[[Iterable[Block], Layout, Path], Iterator[None]]
    room: Room | None = None

    def check(self, *, rows: int) -> None:
        """Let only what can be written pass.

        :raises TooManyRows: if a file of this form cannot hold the rows
        :raises FormatUnavailable: if an optional package is missing
        """
        if self.room is not None:
            self.room.check(rows=rows)
        if self.ending == "parquet" and pyarrow is None:
            raise FormatUnavailable(
                "Parquet needs an optional package: pip install -r requirements-parquet.txt"
            )

    def render(self, blocks: Iterable[Block], layout: Layout) -> Iterator[tuple[int, bytes]]:
        """Write the file to a temporary folder, then yield it in pieces of 1 MiB, of no chunk each.

        While it writes it yields empty pieces, one for each block: whoever reads can stop there.
        """
        settings.CARDGEN_SPOOL.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=settings.CARDGEN_SPOOL) as folder:
            path = Path(folder) / f"cards.{self.ending}"
            for _ in self.write(blocks, layout, path):
                yield TAIL, b""
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield TAIL, piece


def _write_xlsx(blocks: Iterable[Block], layout: Layout, path: Path) -> Iterator[None]:
    """One worksheet; numbers of cards as text, since a spreadsheet keeps only 15 digits.

    The cells say so, too: a number typed over another one stays text.
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


def _write_parquet(blocks: Iterable[Block], layout: Layout, path: Path) -> Iterator[None]:
    types = {True: pyarrow.int32(), False: pyarrow.string()}
    schema = pyarrow.schema([(name, types[FIELDS[name].number]) for name in layout.fields])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in blocks:
            give_back()
            columns = list(values(block, fields=layout.fields))
            writer.write_table(pyarrow.table(columns, schema=schema))
            yield


FILE_FORMS = {
    "xlsx": FileForm(
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ending="xlsx",
        write=_write_xlsx,
        room=Room(rows=XLSX_ROWS, reader="A worksheet holds", instead="choose csv"),
    ),
    "parquet": FileForm(
        media_type="application/vnd.apache.parquet", ending="parquet", write=_write_parquet
    ),
}
