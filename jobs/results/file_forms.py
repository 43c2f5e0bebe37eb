"""Forms that only exist as a whole file: written to disk in constant memory, then read out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import xlsxwriter
from django.conf import settings

from generation.fields import FIELDS
from jobs.results.cards import Block, values
from jobs.results.text_forms import TAIL, Layout
from toolkit.refusals import Mistake, Refusal
from toolkit.streams import give_back

try:
    import pyarrow
    from pyarrow import parquet
except ImportError:  # an optional extra, see requirements-parquet.txt
    pyarrow = None

XLSX_ROWS = 1_048_575
"""Rows of a worksheet, less the header (ECMA-376)."""
_PIECE = 1 << 20


class FormatUnavailable(Refusal):
    """This installation cannot write that form."""

    code = "format_unavailable"


class TooManyRows(Mistake):
    """The form cannot hold so many rows."""

    code = "too_many_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A whole-file form: its media type and ending, its limit, and how it is written."""

    repeatable: ClassVar[bool] = False
    media_type: str
    ending: str
    write: Callable[[Iterable[Block], Layout, Path], Iterator[None]]
    most_rows: int | None = None

    def check(self, *, rows: int) -> None:
        """Let only what can be written pass.

        :raises TooManyRows: if a file of this form cannot hold the rows
        :raises FormatUnavailable: if an optional package is missing
        """
        if self.most_rows is not None and rows > self.most_rows:
            raise TooManyRows(
                f"A worksheet holds {self.most_rows:,} cards, the job has {rows:,}: choose csv.",
                most=self.most_rows,
            )
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
    """One worksheet; numbers of cards as text, since a spreadsheet keeps only 15 digits."""
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
    row = 1
    # Nobody else closes the rows' own file if this is given up; there is one in constant memory.
    with sheet.row_data_fh:  # type: ignore[attr-defined]
        for block in blocks:
            give_back()
            for card in zip(*values(block, fields=layout.fields), strict=True):
                sheet.write_row(row, 0, card)
                row += 1
            yield
        workbook.close()


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
        most_rows=XLSX_ROWS,
    ),
    "parquet": FileForm(
        media_type="application/vnd.apache.parquet", ending="parquet", write=_write_parquet
    ),
}
