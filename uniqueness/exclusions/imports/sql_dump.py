"""The rows of an SQL dump of any size, in constant memory.

Read are `COPY … FROM stdin` and `INSERT INTO … VALUES`, with one row or many. Whatever else a dump
has is passed over, line by line; `CREATE TABLE` tells the columns of an INSERT that names none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from uniqueness.exclusions.imports.columns import bare, detail_columns, number_columns
from uniqueness.exclusions.imports.csv_layout import UnknownColumns
from uniqueness.exclusions.imports.sql_text import SqlText

Row = tuple[int, bytes | None, bytes]
"""The line it begins in, from 1; the number's cell, none if the row cannot be read; the details."""

_NAME = rb'((?:`[^`\n]*`|"[^"\n]*"|[^\s("`.]+|\.)+)'
_COPY = re.compile(rb"COPY " + _NAME + rb" \(([^)\n]*)\) FROM stdin;\r?\n", re.IGNORECASE)
_CREATE = re.compile(
    rb"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?" + _NAME + rb"\s*\(\s*\n", re.IGNORECASE
)
_INSERT = re.compile(
    rb"(?:INSERT (?:IGNORE )?|REPLACE )INTO " + _NAME + rb"\s*(?:\(([^)]*)\)\s*)?"
    rb"(?:OVERRIDING \w+ VALUE\s*)?VALUES\s*",
    re.IGNORECASE,
)
_QUOTES = b'`"'
# A backslash stands for itself in standard SQL; in MySQL's, whose names have backticks, it escapes.
_STANDARD, _MYSQL = rb"'[^']*+'", rb"'(?:[^'\\]++|\\.)*+'"


@dataclass(frozen=True, slots=True)
class _Quoting:
    """How texts are quoted: a row of values and what comes behind it, and the cells of a row."""

    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]

    @classmethod
    def of(cls, text: bytes) -> "_Quoting":
        """Two texts side by side are one with a quote in it."""
        row = rb"(\s*+)\(((?:[^'()]++|" + text + rb")*+)\)\s*+(,|;|ON\b)"
        cell = rb"\s*+(?:[A-Za-z_]*+\s*+((?:" + text + rb")++)|([^,']*+))\s*+(?:,|\Z)"
        return cls(re.compile(row, re.DOTALL), re.compile(cell, re.DOTALL))


_QUOTINGS = {False: _Quoting.of(_STANDARD), True: _Quoting.of(_MYSQL)}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a table has its numbers, and what tells cards of the same number apart."""

    number: int
    details: tuple[int, ...]

    def row(self, line: int, cells: Sequence[bytes]) -> Row:
        """Pick the cells."""
        number = cells[self.number] if self.number < len(cells) else b""
        return line, number, b"\t".join([cells[at] for at in self.details if at < len(cells)])


def rows(pieces: Iterator[bytes]) -> Iterator[Row]:
    """Yield the rows of all tables with a column `pan` or `card_number`.

    :raises UnknownColumns: if no table has one
    """
    text, created = SqlText(pieces), dict[bytes, _Columns | None]()
    met: set[_Columns | None] = set()
    while text.goes_on():
        if found := text.take(_COPY):
            met.add(columns := _columns(found[2].split(b",")))
            yield from _copied(text, columns)
        elif found := text.take(_INSERT):
            columns = _columns(found[2].split(b",")) if found[2] else created.get(_table(found[1]))
            met.add(columns)
            yield from _inserted(text, columns, quoting=_QUOTINGS[b"`" in found[1]])
        elif found := text.take(_CREATE):
            created[_table(found[1])] = _columns(list(_created(text)))
        else:
            text.skip_line()
    if not met - {None}:
        raise UnknownColumns("No rows of a table with a column pan or card_number are in the dump.")


def _table(name: bytes) -> bytes:
    return name.translate(None, _QUOTES).rpartition(b".")[2]


def _columns(quoted: list[bytes]) -> _Columns | None:
    """Find the columns; `number` is too common a name where tables of all kinds are together."""
    names = [name.translate(None, _QUOTES).strip().decode("latin-1") for name in quoted]
    found = [place for place in number_columns(names) if bare(names[place]) != "number"]
    return _Columns(found[0], detail_columns(names)) if found else None


def _created(text: SqlText) -> Iterator[bytes]:
    """Yield the names of a table's columns; MySQL quotes them all, and keys stand among them."""
    lines = iter(text.line, None)
    quoted = False
    for line in lines:
        first = line.strip()
        if first.startswith(b")"):
            return
        quoted = quoted or first.startswith(b"`")
        if first.startswith(b"`") if quoted else not first.upper().startswith(b"CONSTRAINT "):
            yield first.split(b"`")[1] if quoted else first.split(b" ")[0]


def _copied(text: SqlText, columns: _Columns | None) -> Iterator[Row]:
    at = text.at
    while (line := text.line()) not in (None, b"\\.", b"\\.\r"):
        if columns and line is not None:
            yield columns.row(at, line.split(b"\t"))
        at = text.at


def _inserted(text: SqlText, columns: _Columns | None, *, quoting: _Quoting) -> Iterator[Row]:
    more = True
    while more:
        at, row = text.at, text.take_far(quoting.row)
        if columns and row:
            cells = [b or a[1:-1] for a, b in quoting.cell.findall(row[2])]
            yield columns.row(at + row[1].count(b"\n"), cells)
        elif not row:
            # Where the next row begins nobody can tell: the statement ends here.
            yield from [(at, None, b"")] if columns else []
            text.skip_line()
        more = row is not None and row[3] == b","
