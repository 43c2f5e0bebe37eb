"""Text forms of a result, rendered a block at a time without per-row Python."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generation.fields import FIELDS, Column
from jobs.results.cards import Block

DELIMITERS = {"comma": ",", "semicolon": ";", "pipe": "|", "tab": "\t"}
HEAD, TAIL = 0, -1
"""What a piece is marked with that is of no chunk: no chunk has such an id."""
_ROWS_PER_INSERT = 1_000
_QUOTED = {"track1", "track2"}
"""Fields whose values may hold a delimiter or a quote: tracks have both as separators or LRC."""


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

    def check(self, *, rows: int) -> None:
        """Let any number of rows pass."""

    def render(self, blocks: Iterable[Block], layout: Layout) -> Iterator[tuple[int, bytes]]:
        """Yield the head, a piece for each block, and the tail; head and tail may be empty."""
        yield HEAD, self.head(layout)
        for block in blocks:
            yield block.chunk_id, self.rows(block, layout)
        yield TAIL, self.tail


def _csv_head(layout: Layout) -> bytes:
    return layout.delimiter.join(layout.fields).encode() + b"\n"


def _csv_rows(block: Block, layout: Layout) -> bytes:
    """CSV lines (RFC 4180, with \\n); only values that may hold a delimiter or quote are quoted."""
    parts: list[Column] = []
    for name, column in zip(layout.fields, block.columns(layout.fields), strict=True):
        quote = b'"' if name in _QUOTED else b""
        parts += [quote, _doubled(column, b'"') if quote else column, quote]
        parts.append(layout.delimiter.encode())
    return join([*parts[:-1], b"\n"], rows=len(block))


def _ndjson_rows(block: Block, layout: Layout) -> bytes:
    """One JSON object a line, the fields as in the JSON page."""
    parts: list[Column] = []
    for name, column in zip(layout.fields, block.columns(layout.fields), strict=True):
        quote = b"" if FIELDS[name].number else b'"'
        parts += [(b"," if parts else b"{") + f'"{name}":'.encode() + quote]
        parts += [_escaped_json(column), quote]
    return join([*parts, b"}\n"], rows=len(block))


def _sql_head(layout: Layout) -> bytes:
    columns = ", ".join(
        f"{name} {'integer' if FIELDS[name].number else 'varchar(79)'}" for name in layout.fields
    )
    return f"CREATE TABLE IF NOT EXISTS cards ({columns});\n".encode()


def _sql_rows(block: Block, layout: Layout) -> bytes:
    """INSERT statements of up to 1,000 rows, standard SQL (ISO/IEC 9075): quotes are doubled."""
    insert = f"INSERT INTO cards ({', '.join(layout.fields)}) VALUES\n".encode()
    parts: list[Column] = []
    for name, column in zip(layout.fields, block.columns(layout.fields), strict=True):
        quote = b"" if FIELDS[name].number else b"'"
        parts += [b", " if parts else b"(", quote, _doubled(column, b"'"), quote]
    lines = join([*parts, b"),\n"], rows=len(block)).splitlines(keepends=True)
    groups = (lines[i : i + _ROWS_PER_INSERT] for i in range(0, len(lines), _ROWS_PER_INSERT))
    return b"".join(insert + b"".join(group)[:-2] + b";\n" for group in groups)


def _panhunt_rows(block: Block, _: Layout) -> bytes:
    return join([block.batch.cards.pans, b","], rows=len(block))


def _gitleaks_rows(block: Block, _: Layout) -> bytes:
    return join([b"  '''", block.batch.cards.pans, b"''',\n"], rows=len(block))


def join(parts: Sequence[Column], *, rows: int) -> bytes:
    """Put constants and columns side by side, row by row.

    Rows are laid out at their greatest width, padded with NUL as NumPy pads `S` columns; no value
    holds a NUL, so dropping all NUL bytes leaves exactly the text.
    """
    widths = [part.itemsize if isinstance(part, np.ndarray) else len(part) for part in parts]
    table = np.zeros((rows, sum(widths)), dtype=np.uint8)
    left = 0
    for part, width in zip(parts, widths, strict=True):
        table[:, left : left + width] = _bytes_of(part, width)
        left += width
    flat = table.ravel()
    text: bytes = flat[flat != 0].tobytes()
    return text


def _bytes_of(part: Column, width: int) -> NDArray[np.uint8]:
    if isinstance(part, bytes):
        return np.frombuffer(part, dtype=np.uint8)
    return np.ascontiguousarray(part).view(np.uint8).reshape(-1, width)


def _doubled(column: Column, quote: bytes) -> Column:
    """Double the quotes in a column; most have none, and one pass over the bytes tells."""
    if isinstance(column, bytes):
        return column.replace(quote, quote * 2)
    return np.char.replace(column, quote, quote * 2) if quote in column.tobytes() else column


def _escaped_json(column: Column) -> Column:
    """Escape what JSON strings may not hold as it is (RFC 8259); track 1 has quotes in its LRC."""
    for character in (b"\\", b'"'):
        column = (
            column.replace(character, b"\\" + character)
            if isinstance(column, bytes)
            else np.char.replace(column, character, b"\\" + character)
            if character in column.tobytes()
            else column
        )
    return column


_CSV = TextForm(media_type="text/csv; charset=utf-8", ending="csv", head=_csv_head, rows=_csv_rows)
TEXT_FORMS: dict[str, TextForm] = {
    "csv": _CSV,
    "ndjson": TextForm(media_type="application/x-ndjson", ending="ndjson", rows=_ndjson_rows),
    "sql": TextForm(media_type="application/sql", ending="sql", head=_sql_head, rows=_sql_rows),
    # JMeter's CSV Data Set Config takes the variables' names from the first line.
    "jmeter": _CSV,
    "panhunt": TextForm(
        media_type="text/plain; charset=utf-8",
        ending="ini",
        head=lambda _: b"[DEFAULT]\nexcludepans = ",
        rows=_panhunt_rows,
        tail=b"\n",
    ),
    "gitleaks": TextForm(
        media_type="application/toml",
        ending="toml",
        head=lambda _: (
            b"[extend]\nuseDefault = true\n\n[[allowlists]]\n"
            b'description = "test cards minted by cardgen"\nregexes = [\n'
        ),
        rows=_gitleaks_rows,
        tail=b"]\n",
    ),
}
