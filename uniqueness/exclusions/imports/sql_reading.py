"""The numbers of an SQL dump, as pg_dump, mysqldump and mariadb-dump write it."""

import re
from collections.abc import Iterator
from itertools import islice

from toolkit.reading import Readable, chunks
from uniqueness.exclusions.imports.sql_dump import Row, rows
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict

_BLOCK = 20_000
# Ends of lines within a value would make it two.
_CONTROLS = bytes.maketrans(b"\n\0", b"??")
_NULL = re.compile(rb"NULL|\\N", re.IGNORECASE)


def sql_candidates(stream: Readable) -> Iterator[Candidates]:
    """Take the rows of all tables with a column for card numbers; a row is a record.

    :raises UnknownColumns: if no table has one
    """
    found = rows(chunks(stream))
    while block := list(islice(found, _BLOCK)):
        yield _candidates(block)


def _candidates(block: list[Row]) -> Candidates:
    texts = [_text(number) for _, number, _ in block]
    marks = {place: _mark(row[1]) for place, row in enumerate(block) if not texts[place]}
    return Candidates(texts, marks, [row[2] for row in block], [row[0] for row in block])


def _text(number: bytes | None) -> bytes:
    if number is None or _NULL.fullmatch(number):
        return b""
    return number.translate(_CONTROLS).strip()


def _mark(number: bytes | None) -> LineVerdict:
    return LineVerdict.NOT_SQL if number is None else LineVerdict.NO_NUMBER
