"""Where the number stands in a line or record: plain text, CSV, JSON or an SQL dump."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from toolkit.reading import Readable, blocks
from uniqueness.exclusions.imports.csv_reading import csv_candidates
from uniqueness.exclusions.imports.json_reading import array_candidates, lines_candidates
from uniqueness.exclusions.imports.numbers import judge
from uniqueness.exclusions.imports.sql_reading import sql_candidates
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict, too_long

MOST_BYTES = 64 << 20
TOO_LARGE = (
    f"An upload may have at most {MOST_BYTES >> 20} MiB. On the server any size will do:"
    " cardgen import_exclusions FILE."
)

_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".sql": "sql",
}


class ListForm(StrEnum):
    """How a file of numbers is written."""

    PLAIN = "plain"
    CSV = "csv"
    NDJSON = "ndjson"
    JSON = "json"
    SQL = "sql"

    @property
    def unit(self) -> str:
        """What is counted: a line of JSON or SQL may hold many cards, or a part of one."""
        return "record" if self in (ListForm.JSON, ListForm.SQL) else "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Numbers (S19), and for each line or record of the block what it is (a `LineVerdict`).

    `lines` tells where records begin, from 1; none if each line is one. `details` has a hash
    for each number of what else is on its card, 0 if that is not told. It is another one in every
    process, so that nobody can look a CVV up by it.
    """

    pans: NDArray[np.bytes_]
    verdicts: NDArray[np.uint8]
    lines: NDArray[np.int64] | None
    details: NDArray[np.int64]


def form_of(name: str) -> ListForm:
    """Tell a file's form by the end of its name: plain if that says nothing."""
    return ListForm(_BY_SUFFIX.get(PurePath(name).suffix.lower(), ListForm.PLAIN))


def numbers_of(stream: Readable, *, form: ListForm) -> Iterator[Block]:
    """Yield a file's numbers, a block at a time.

    :raises UnreadableFile: if the file is no text, or not of this form at all
    :raises UnknownColumns: if a CSV file or a dump does not say where the numbers are
    """
    for candidates in _READERS[form](stream):
        if candidates.texts:
            yield _block(candidates)


def _block(candidates: Candidates) -> Block:
    pans, verdicts = judge(candidates)
    told = candidates.details or [b""] * verdicts.size
    details = np.array(list(map(hash, told)), dtype=np.int64)
    return Block(
        pans=pans,
        verdicts=verdicts,
        lines=np.array(candidates.lines, dtype=np.int64) if candidates.lines else None,
        details=details[verdicts == LineVerdict.VALID],
    )


def _plain(stream: Readable) -> Iterator[Candidates]:
    return (Candidates(lines, too_long(lines)) for lines in blocks(stream))


def _csv(stream: Readable) -> Iterator[Candidates]:
    return csv_candidates(blocks(stream))


_READERS: dict[ListForm, Callable[[Readable], Iterator[Candidates]]] = {
    ListForm.PLAIN: _plain,
    ListForm.CSV: _csv,
    ListForm.NDJSON: lines_candidates,
    ListForm.JSON: array_candidates,
    ListForm.SQL: sql_candidates,
}
