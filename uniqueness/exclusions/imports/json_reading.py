"""The numbers of JSON: one text or object in each line, or an array of them."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from toolkit.reading import Readable, blocks, chunks
from uniqueness.exclusions.imports.columns import COLUMNS, detail_columns
from uniqueness.exclusions.imports.json_array import Element, elements
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict, too_long

_BLOCK = 20_000
# Ends of texts and lines within a value would make it another value.
_CONTROLS = bytes.maketrans(b"\n\0", b"??")
_Found = tuple[bytes, LineVerdict | None, bytes]


def lines_candidates(stream: Readable) -> Iterator[Candidates]:
    """Take each line for one JSON value."""
    for lines in blocks(stream):
        marks = too_long(lines)
        yield _candidates([_of_line(line, marks.get(place)) for place, line in enumerate(lines)])


def array_candidates(stream: Readable) -> Iterator[Candidates]:
    """Take each element of one array.

    :raises UnreadableFile: if it is no array, or no JSON from some line on
    """
    found = elements(chunks(stream))
    while block := list(islice(found, _BLOCK)):
        yield _of_elements(block)


def _of_elements(block: list[Element]) -> Candidates:
    lines = [line for line, _ in block]
    return _candidates([_of_value(value) for _, value in block])._replace(lines=lines)


def _candidates(found: list[_Found]) -> Candidates:
    marks = {place: mark for place, (_, mark, _) in enumerate(found) if mark is not None}
    return Candidates([text for text, _, _ in found], marks, [details for _, _, details in found])


def _of_line(line: bytes, mark: LineVerdict | None) -> _Found:
    if mark is not None or not line.strip():
        return b"", mark, b""
    try:
        return _of_value(json.loads(line))
    except (ValueError, RecursionError):
        return b"", LineVerdict.NOT_JSON, b""


def _of_value(value: Any) -> _Found:
    details = b""
    if isinstance(value, dict):
        names = list(value)
        details = repr([value[names[place]] for place in detail_columns(names)]).encode()
        value = next((value[name] for name in COLUMNS if name in value), None)
    if not isinstance(value, str) or not value.strip():
        return b"", LineVerdict.NOT_TEXT, b""
    return value.encode("utf-8", "replace").translate(_CONTROLS), None, details
