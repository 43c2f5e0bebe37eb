"""Where the number stands in a line: plain text, CSV or NDJSON. A record is one line."""

import csv
import json
from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum
from pathlib import PurePath
from typing import Any

from toolkit.refusals import Mistake

MOST_BYTES = 64 << 20
TOO_LARGE = (
    f"An upload may have at most {MOST_BYTES >> 20} MiB. On the server any size will do:"
    " manage.py import_exclusions FILE."
)

COLUMNS = ("pan", "number", "card_number")
_DELIMITERS = (",", ";", "\t", "|")
_BY_SUFFIX = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
# Ends of texts and lines within a value would make it another value.
_CONTROLS = bytes.maketrans(b"\n\0", b"??")


class ListForm(StrEnum):
    """How a file of numbers is written."""

    PLAIN = "plain"
    CSV = "csv"
    NDJSON = "ndjson"


class LineVerdict(IntEnum):
    """What a line is."""

    VALID = 0
    BLANK = 1
    HEADER = 2
    TOO_LONG = 3
    CHARACTERS = 4
    LENGTH = 5
    NO_NUMBER = 6
    QUOTE = 7
    NOT_JSON = 8
    NOT_TEXT = 9
    GROUPS = 10


REASONS = {
    LineVerdict.TOO_LONG: "the line has more than 65,536 bytes",
    LineVerdict.CHARACTERS: "only digits 0 to 9, and spaces and dashes between them, make a number",
    LineVerdict.LENGTH: "a number has 12 to 19 digits",
    LineVerdict.NO_NUMBER: "the number's column is missing or empty",
    LineVerdict.QUOTE: "a quoted field does not end in the line",
    LineVerdict.NOT_JSON: "the line is not JSON",
    LineVerdict.NOT_TEXT: "send the number as a JSON text, alone or as pan, number or card_number",
    LineVerdict.GROUPS: (
        "groups between spaces and dashes have at most 8 digits: is it two numbers?"
    ),
}


class UnknownColumns(Mistake):
    """The header does not say where the numbers are."""

    code = "unknown_columns"


Candidates = tuple[list[bytes], dict[int, LineVerdict]]
"""One text per line that should be a number, and what is known of lines that have none."""

Reader = Callable[[list[bytes]], Candidates]


def form_of(name: str) -> ListForm:
    """Tell a file's form by its name: plain unless it ends in .csv, .tsv, .ndjson or .jsonl."""
    return ListForm(_BY_SUFFIX.get(PurePath(name).suffix.lower(), ListForm.PLAIN))


def reader(form: ListForm) -> Reader:
    """Make a reader of one file's lines, to be called block by block."""
    readers: dict[ListForm, Reader] = {
        ListForm.PLAIN: _plain,
        ListForm.CSV: CsvReader(),
        ListForm.NDJSON: _ndjson,
    }
    return readers[form]


def _plain(lines: list[bytes]) -> Candidates:
    return lines, {}


class CsvReader:
    """CSV (RFC 4180, one record a line); its first line tells delimiter and column.

    The column is the one headed pan, number or card_number, in a file without a header the first.
    """

    def __init__(self) -> None:
        self._delimiter = ""
        self._column = 0

    def __call__(self, lines: list[bytes]) -> Candidates:
        """Pick the number's column out of each line."""
        found: list[bytes] = []
        marks: dict[int, LineVerdict] = {}
        for place, line in enumerate(lines):
            number, mark = self._number(line)
            found.append(number)
            if mark:
                marks[place] = mark
        return found, marks

    def _number(self, line: bytes) -> tuple[bytes, LineVerdict | None]:
        if not line.strip():
            return b"", None
        if not self._delimiter and self._begin(line):
            return b"", LineVerdict.HEADER
        cells = self._cells(line)
        if cells is None:
            return b"", LineVerdict.QUOTE
        number = cells[self._column].strip() if self._column < len(cells) else b""
        return (number, None) if number else (b"", LineVerdict.NO_NUMBER)

    def _cells(self, line: bytes) -> Sequence[bytes] | None:
        if b'"' not in line:
            return line.split(self._delimiter.encode())
        try:
            rows = csv.reader([_text(line)], delimiter=self._delimiter, strict=True)
            return [cell.encode() for cell in next(rows)]
        except csv.Error:
            return None

    def _begin(self, line: bytes) -> bool:
        """Learn from the first line; tell whether it is a header."""
        text = _text(line)
        self._delimiter = max(_DELIMITERS, key=text.count)
        cells = [cell.decode("utf-8", "replace") for cell in self._cells(line) or [line]]
        names = [cell.strip().casefold().replace(" ", "_") for cell in cells]
        wanted = [names.index(name) for name in COLUMNS if name in names]
        if wanted:
            self._column = wanted[0]
            return True
        if any(character.isdigit() for character in text):
            return False
        if len(names) > 1:
            raise UnknownColumns(
                f"No column of the header is called {', '.join(COLUMNS[:-1])} or {COLUMNS[-1]}."
            )
        return True


def _ndjson(lines: list[bytes]) -> Candidates:
    found: list[bytes] = []
    marks: dict[int, LineVerdict] = {}
    for place, line in enumerate(lines):
        number, mark = _json_number(line) if line.strip() else (b"", None)
        found.append(number)
        if mark:
            marks[place] = mark
    return found, marks


def _json_number(line: bytes) -> tuple[bytes, LineVerdict | None]:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return b"", LineVerdict.NOT_JSON
    if isinstance(value, dict):
        value = next((value[name] for name in COLUMNS if name in value), None)
    if not isinstance(value, str) or not value.strip():
        return b"", LineVerdict.NOT_TEXT
    return value.encode("utf-8", "replace").translate(_CONTROLS), None


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
