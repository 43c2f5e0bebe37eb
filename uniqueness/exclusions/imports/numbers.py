"""From lines to numbers, a block at a time."""

import re

import numpy as np
from numpy.typing import NDArray

from toolkit.reading import MOST_LINE
from uniqueness.exclusions.imports.forms import LineVerdict, Reader

LENGTHS = (12, 19)
"""Digits of a PAN (ISO/IEC 7812-1)."""

_SEPARATORS = b" -"
# A number and its CVV or expiry beside it must not be taken for one long number.
_GROUPS = re.compile(rb"[0-9]{1,8}(?:[ -]+[0-9]{1,8})+|[0-9]+")
_WIDTH = LENGTHS[1] + 1
_ZERO = np.uint8(ord("0"))


def judge(lines: list[bytes], *, read: Reader) -> tuple[NDArray[np.bytes_], NDArray[np.uint8]]:
    """Find the numbers of a block (S19), and say of every line what it is (a `Verdict` each)."""
    short, marks = _cut(lines)
    candidates, more = read(short)
    stripped = [candidate.strip() for candidate in candidates]
    # What a number may have between its digits goes in one pass over the block.
    joined = b"\n".join(stripped)
    texts = np.array(joined.translate(None, _SEPARATORS).split(b"\n"), dtype=f"S{_WIDTH}")
    rows = texts.view(np.uint8).reshape(-1, _WIDTH)
    lengths = (rows != 0).sum(axis=1)
    verdicts = _verdicts(rows, lengths)
    if any(separator in joined for separator in (b" ", b"-")):
        _check_groups(stripped, verdicts)
    for place, verdict in (more | marks).items():
        verdicts[place] = verdict
    return texts[verdicts == LineVerdict.VALID].astype(f"S{LENGTHS[1]}"), verdicts


def _cut(lines: list[bytes]) -> tuple[list[bytes], dict[int, LineVerdict]]:
    marks = {
        place: LineVerdict.TOO_LONG for place, line in enumerate(lines) if len(line) > MOST_LINE
    }
    for place in marks:
        lines[place] = b""
    return lines, marks


def _verdicts(rows: NDArray[np.uint8], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    plain = ((rows - _ZERO <= 9) | (rows == 0)).all(axis=1)
    fitting = (lengths >= LENGTHS[0]) & (lengths <= LENGTHS[1])
    verdicts = np.where(fitting, LineVerdict.VALID, LineVerdict.LENGTH).astype(np.uint8)
    verdicts[~plain] = LineVerdict.CHARACTERS
    verdicts[lengths == 0] = LineVerdict.BLANK
    return verdicts


def _check_groups(texts: list[bytes], verdicts: NDArray[np.uint8]) -> None:
    for place in np.flatnonzero(verdicts == LineVerdict.VALID).tolist():
        if not _GROUPS.fullmatch(texts[place]):
            verdicts[place] = LineVerdict.GROUPS
