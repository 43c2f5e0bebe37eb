"""Forms that only exist as a whole file: written to disk in constant memory, then read out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import ClassVar

from jobs.results import spool
from jobs.results.cards import Block
from jobs.results.room import Room
from jobs.results.text_forms import TAIL, Layout
from toolkit.refusals import Refusal

XLSX_ROWS = 1_048_575
"""Rows of a worksheet, less the header (ECMA-376)."""
_PIECE = 1 << 20


class FormatUnavailable(Refusal):
    """This installation cannot write that form."""

    code = "format_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A whole-file form: its media type and ending, its limit, and the module that writes it.

    Only whoever writes one imports that module: with its library every process would start 0.2 s
    later and hold 40 MB more.
    """

    repeatable: ClassVar[bool] = False
    media_type: str
    ending: str
    writer: str
    room: Room | None = None

    def check(self, *, rows: int, part: bool = False) -> None:
        """Let only what can be written pass.

        :raises TooManyRows: if a file of this form cannot hold the rows
        :raises FormatUnavailable: if an optional package is missing
        """
        if self.room is not None:
            self.room.check(rows=rows, part=part)
        if self.ending == "parquet" and find_spec("pyarrow") is None:
            raise FormatUnavailable(
                "Parquet needs an optional package: pip install --require-hashes"
                " -r requirements-parquet.lock"
            )

    def render(self, blocks: Iterable[Block], layout: Layout) -> Iterator[tuple[int, bytes]]:
        """Write the file to a temporary folder, then yield it in pieces of 1 MiB, of no chunk each.

        While it writes it yields empty pieces, one for each block: whoever reads can stop there.
        """
        writer = import_module(self.writer)
        with spool.folder() as folder:
            path = folder / f"cards.{self.ending}"
            for _ in writer.write(blocks, layout, path):
                yield TAIL, b""
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield TAIL, piece


FILE_FORMS = {
    "xlsx": FileForm(
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ending="xlsx",
        writer="jobs.results.worksheet",
        room=Room(rows=XLSX_ROWS, reader="A worksheet holds", instead="choose csv, or "),
    ),
    "parquet": FileForm(
        media_type="application/vnd.apache.parquet", ending="parquet", writer="jobs.results.parquet"
    ),
}
