"""Where the number stands in a line: plain text, CSV or NDJSON."""

import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.reading import Readable, blocks
from uniqueness.exclusions.imports.csv_layout import COLUMNS
from uniqueness.exclusions.imports.csv_reading import csv_candidates
from uniqueness.exclusions.imports.numbers import judge
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict, too_long

MOST_BYTES = 64 << 20
TOO_LARGE = (
    f"An upload may have at most {MOST_BYTES >> 20} MiB. On the server any size will do:"
    " manage.py import_exclusions FILE."
)

_BY_SUFFIX = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
# Ends of texts and lines within a value would make it another value.
_CONTROLS = bytes.maketrans(b"\n\0", b"??")


class ListForm(StrEnum):
    """How a file of numbers is written."""

    PLAIN = "plain"
    CSV = "csv"
    NDJSON = "ndjson"


def form_of(name: str) -> ListForm:
    """Tell a file's form by its name: plain unless it ends in .csv, .tsv, .ndjson or .jsonl."""
    return ListForm(_BY_SUFFIX.get(PurePath(name).suffix.lower(), ListForm.PLAIN))


def numbers_of(
    stream: Readable, *, form: ListForm
) -> Iterator[tuple[NDArray[np.bytes_], NDArray[np.uint8]]]:
    """Yield a file's numbers (S19) and what each line is (a `LineVerdict`), a block at a time.

    :raises UnreadableFile: if the file is no text
    :raises UnknownColumns: if a CSV file does not say where the numbers are
    """
    for candidates in _READERS[form](blocks(stream)):
        if candidates[0]:
            yield judge(candidates)


def _plain(blocks: Iterable[list[bytes]]) -> Iterator[Candidates]:
    return ((lines, too_long(lines)) for lines in blocks)


def _ndjson(blocks: Iterable[list[bytes]]) -> Iterator[Candidates]:
    for lines in blocks:
        marks = too_long(lines)
        found = [b""] * len(lines)
        for place, line in enumerate(lines):
            if place not in marks and line.strip():
                found[place], mark = _json_number(line)
                if mark:
                    marks[place] = mark
        yield found, marks


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


_READERS: dict[ListForm, Callable[[Iterable[list[bytes]]], Iterator[Candidates]]] = {
    ListForm.PLAIN: _plain,
    ListForm.CSV: csv_candidates,
    ListForm.NDJSON: _ndjson,
}
