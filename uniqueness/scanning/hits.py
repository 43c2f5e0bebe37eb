"""Scan a stream: find numbers, look them up in blocks, and say where each stands and what it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from generation.schemes import detection
from toolkit.reading import Readable
from toolkit.requests import MAX_NUMBERS
from toolkit.texts.readings import read
from uniqueness.check import Finding, State, check
from uniqueness.numbers import SHORTEST, Shapes, find
from uniqueness.scanning.characters import characters
from uniqueness.scanning.context import alone
from uniqueness.scanning.pieces import Piece, pieces
from uniqueness.scanning.rules import Known, known, worth_telling
from uniqueness.scanning.sources import unpacked

_HIDDEN = 4
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
# Where stretches overlap: what is certain, before what only looks like a number.
_STRENGTH = {
    State.ISSUED: 0,
    State.PUBLISHED: 1,
    State.EXCLUDED: 1,
    State.UNISSUED: 2,
    State.UNKNOWN: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A number and where it stands; line and column count from 1, columns in characters."""

    line: int
    column: int
    finding: Finding
    number: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The number if we issued it, others masked."""
        return self.number if self.finding.state is State.ISSUED else masked(self.number)

    @property
    def scheme(self) -> str | None:
        """The code of its scheme."""
        found = detection.detect(self.number)
        return found.code if found else None


def masked(number: str) -> str:
    """Show the first six digits of a number and the last four, of a short one fewer."""
    tail = min(4, len(number) - 6 - _HIDDEN)
    return f"{number[:6]}{'*' * (len(number) - 6 - tail)}{number[-tail:]}"


def scan(
    stream: Readable, *, told: Known | None = None, imported: bool = True
) -> Iterator[list[Hit]]:
    """Yield the hits of one piece of a stream after the other, in the order of the text.

    :param told: what `known()` said, where many streams are scanned
    :param imported: as in `check`: without, imported numbers are numbers like any other
    :raises UnreadableFile: if the stream cannot be read to its end; hits before that are given
    :raises MasterKeyMismatch: if a range was registered under another master key
    """
    told = told or known()
    for piece in pieces(characters(unpacked(stream))):
        yield _hits(piece, told, imported=imported)


def _hits(piece: Piece, told: Known, *, imported: bool) -> list[Hit]:
    if len(piece.text.translate(None, _NO_DIGITS)) < SHORTEST:
        return []
    reading = read(piece.text)
    first, end = reading.place(piece.first), reading.place(piece.end)
    found = find(reading.text, first=first, end=end)
    found = found.take(told.worth_asking(found))
    found = found.take(alone(reading.text, found))
    if not len(found):
        return []
    numbers, findings = _looked_up(found, imported=imported)
    chosen = _chosen(found, numbers, findings)
    lines, columns = piece.lines_and_columns(reading.stood(found.starts[chosen]))
    return [
        Hit(line=line, column=column, finding=findings[place], number=numbers[place])
        for place, line, column in zip(chosen, lines.tolist(), columns.tolist(), strict=True)
    ]


def _looked_up(found: Shapes, *, imported: bool) -> tuple[list[str], list[Finding]]:
    """Look each different number up once."""
    distinct, places = np.unique(found.pans, return_inverse=True)
    texts = [pan.decode() for pan in distinct.tolist()]
    answers: list[Finding] = []
    for start in range(0, len(texts), MAX_NUMBERS):
        answers += check(texts[start : start + MAX_NUMBERS], imported=imported)
    inverse = places.tolist()
    return [texts[place] for place in inverse], [answers[place] for place in inverse]


def _chosen(found: Shapes, numbers: list[str], findings: list[Finding]) -> list[int]:
    """Choose what to tell, in the order of the text: of stretches that overlap, the best one."""
    groups = found.groups.tolist()
    luhn = found.luhn.tolist()
    worth = [
        place
        for place, (number, finding) in enumerate(zip(numbers, findings, strict=True))
        if worth_telling(
            number,
            state=finding.state,
            luhn=luhn[place],
            groups=tuple(length for length in groups[place] if length),
        )
    ]
    starts, ends = found.starts.tolist(), found.ends.tolist()

    def order(place: int) -> tuple[int, int, int]:
        return _STRENGTH[findings[place].state], -len(numbers[place]), starts[place]

    taken = bytearray(max(ends))
    chosen = []
    for place in sorted(worth, key=order):
        start, end = starts[place], ends[place]
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            chosen.append(place)
    return sorted(chosen, key=starts.__getitem__)
