"""Text forms of a result, rendered a block at a time without per-row Python."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from generation.fields import FIELDS, Column
from jobs.results import allow_lists
from jobs.results.cards import Block
from jobs.results.lines import join, quoted, replaced
from jobs.results.room import Room

DELIMITERS = {"comma": ",", "semicolon": ";", "pipe": "|", "tab": "\t"}
HEAD, TAIL = 0, -1
"""What a piece is marked with that is of no chunk: no chunk has such an id."""
_ROWS_PER_INSERT = 1_000
_TRACKS = {"track1", "track2"}
"""Fields whose values may hold a delimiter or a quote, as separator or LRC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a file shows: its fields in order, and for CSV what separates them."""

    fields: tuple[str, ...]
    delimiter: str = ","


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """A text form: its media type and ending, and how its head, rows and tail are written."""

    repeatable: ClassVar[bool] = True
    media_type: str
    ending: str
    rows: Callable[[Block, Layout], bytes]
    head: Callable[[Layout], bytes] = lambda _: b""
    tail: bytes = b""
    room: Room | None = None

    def check(self, *, rows: int, part: bool = False) -> None:
        """Let only so many rows pass as the reader takes.

        :raises TooManyRows: says how many that are
        """
        if self.room is not None:
            self.room.check(rows=rows, part=part)

    def render(self, blocks: Iterable[Block], layout: Layout) -> Iterator[tuple[int, bytes]]:
        """Yield the head, a piece for each block, and the tail; head and tail may be empty."""
        yield HEAD, self.head(layout)
        for block in blocks:
            yield block.chunk_id, self.rows(block, layout)
        yield TAIL, self.tail


def _csv_head(layout: Layout) -> bytes:
    return layout.delimiter.join(layout.fields).encode() + b"\n"


def _csv_rows(block: Block, layout: Layout) -> bytes:
    """CSV lines (RFC 4180, with \\n), with quotes only where a reader needs them.

    Some readers never unquote, and to some a backslash before a quote hides it.
    """
    delimiter = layout.delimiter.encode()
    parts: list[Column] = []
    for name, column in zip(layout.fields, block.columns(layout.fields), strict=True):
        parts += [quoted(column, delimiter=delimiter) if name in _TRACKS else column, delimiter]
    return join([*parts[:-1], b"\n"], rows=len(block))


def _ndjson_rows(block: Block, layout: Layout) -> bytes:
    """One JSON object a line (RFC 8259), the fields as in the JSON page."""
    parts: list[Column] = []
    for name, column in zip(layout.fields, block.columns(layout.fields), strict=True):
        quote = b"" if FIELDS[name].number else b'"'
        parts += [(b"," if parts else b"{") + f'"{name}":'.encode() + quote]
        parts += [replaced(replaced(column, b"\\", b"\\\\"), b'"', b'\\"'), quote]
    return join([*parts, b"}\n"], rows=len(block))


def _sql_head(layout: Layout) -> bytes:
    columns = ", ".join(
        f"{name} {'integer' if FIELDS[name].number else 'varchar(79)'}" for name in layout.fields
    )
    return f"CREATE TABLE IF NOT EXISTS cards ({columns});\n".encode()


def _sql_rows(block: Block, layout: Layout, *, backslash: bytes = b"\\") -> bytes:
    """INSERT statements of up to 1,000 rows, standard SQL (ISO/IEC 9075): quotes are doubled.

    :param backslash: how a text writes one
    """
    insert = f"INSERT INTO cards ({', '.join(layout.fields)}) VALUES\n".encode()
    parts: list[Column] = []
    for name, column in zip(layout.fields, block.columns(layout.fields), strict=True):
        quote = b"" if FIELDS[name].number else b"'"
        text = replaced(replaced(column, b"'", b"''"), b"\\", backslash)
        parts += [b", " if parts else b"(", quote, text, quote]
    lines = join([*parts, b"),\n"], rows=len(block)).splitlines(keepends=True)
    groups = (lines[i : i + _ROWS_PER_INSERT] for i in range(0, len(lines), _ROWS_PER_INSERT))
    return b"".join(insert + b"".join(group)[:-2] + b";\n" for group in groups)


_SQL = TextForm(media_type="application/sql", ending="sql", head=_sql_head, rows=_sql_rows)
_CSV = TextForm(media_type="text/csv; charset=utf-8", ending="csv", head=_csv_head, rows=_csv_rows)
TEXT_FORMS: dict[str, TextForm] = {
    "csv": _CSV,
    "ndjson": TextForm(media_type="application/x-ndjson", ending="ndjson", rows=_ndjson_rows),
    "sql": _SQL,
    "mysql": replace(_SQL, rows=partial(_sql_rows, backslash=b"\\\\")),
    # JMeter's CSV Data Set Config takes the variables' names from the first line.
    "jmeter": _CSV,
    "panhunt": TextForm(
        media_type="text/plain; charset=utf-8",
        ending="ini",
        head=lambda _: allow_lists.PANHUNT_HEAD,
        rows=lambda block, _: allow_lists.panhunt_rows(block),
        tail=b"\n",
    ),
    "gitleaks": TextForm(
        media_type="application/toml",
        ending="toml",
        head=lambda _: allow_lists.GITLEAKS_HEAD,
        rows=lambda block, _: allow_lists.gitleaks_rows(block),
        tail=b"]\n",
        room=Room(rows=allow_lists.GITLEAKS_CARDS, reader="Gitleaks reads", instead=""),
    ),
}
