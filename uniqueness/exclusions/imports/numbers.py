"""From lines to numbers, a block at a time."""

import re

import numpy as np
from numpy.typing import NDArray

from toolkit.signs import plain
from uniqueness.exclusions.imports.verdicts import Candidates, LineVerdict

LENGTHS = (12, 19)
"""Digits of a PAN (ISO/IEC 7812-1)."""

_SEPARATORS = b" -"
# A number and its CVV or expiry beside it must not be taken for one long number.
_GROUPS = re.compile(rb"[0-9]{1,8}(?:[ -]+[0-9]{1,8})+|[0-9]+")
# Spreadsheets keep a number as text behind an apostrophe, or as a formula.
_AS_TEXT = re.compile(rb"""^(?:="([^"\n]*)"|'([^'\n]*)'?)$""", re.MULTILINE)
_POWER_OF_TEN = re.compile(rb"[0-9](?:[.,][0-9]+)?E\+[0-9]+")
_LONGEST = 256
"""Bytes of a number's text, in whatever alphabet; it takes a microsecond a sign to look at more."""
_WIDTH = LENGTHS[1] + 1
_ZERO = np.uint8(ord("0"))


def judge(candidates: Candidates) -> tuple[NDArray[np.bytes_], NDArray[np.uint8]]:
    """Find the numbers of a block (S19), and say of every line what it is (a `Verdict` each)."""
    texts, marks = candidates.texts, candidates.marks
    if not all(map(bytes.isascii, texts)):
        texts = list(map(in_ascii, texts))
    texts = [text.strip() for text in texts]
    # What a number may have between its digits goes in one pass over the block.
    joined = b"\n".join(texts)
    if b'="' in joined or b"'" in joined:
        joined = _AS_TEXT.sub(rb"\1\2", joined)
        texts = joined.split(b"\n")
    numbers = np.array(joined.translate(None, _SEPARATORS).split(b"\n"), dtype=f"S{_WIDTH}")
    rows = numbers.view(np.uint8).reshape(-1, _WIDTH)
    verdicts = _verdicts(rows)
    if any(separator in joined for separator in (b" ", b"-")):
        _check_groups(texts, verdicts)
    if b"E+" in joined:
        _find_powers_of_ten(texts, verdicts)
    for place, verdict in marks.items():
        verdicts[place] = verdict
    return numbers[verdicts == LineVerdict.VALID].astype(f"S{LENGTHS[1]}"), verdicts


def in_ascii(text: bytes) -> bytes:
    """Write the spaces, dashes and digits of a text in ASCII, if it may be a number."""
    if text.isascii() or len(text) > _LONGEST:
        return text
    return plain(text.decode("utf-8", "surrogateescape")).encode("ascii", "replace")


def _verdicts(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    lengths = (rows != 0).sum(axis=1)
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


def _find_powers_of_ten(texts: list[bytes], verdicts: NDArray[np.uint8]) -> None:
    for place in np.flatnonzero(verdicts == LineVerdict.CHARACTERS).tolist():
        if _POWER_OF_TEN.fullmatch(texts[place]):
            verdicts[place] = LineVerdict.POWER_OF_TEN
