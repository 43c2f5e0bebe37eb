"""What an import found, exact to the line."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from uniqueness.exclusions.imports.verdicts import DOUBTS, REASONS, LineVerdict

MOST_LISTED = 1_000
"""Lines, numbers and jobs listed one by one; all of them are counted."""


Told = list[tuple[int, LineVerdict]]
"""Lines, counted from 1, and what they are."""


@dataclass
class Lines:
    """What the lines of a file are, counted as they come.

    The first `bad` ones are remembered, and the first whose numbers may be none (`doubtful`).
    """

    counts: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(len(LineVerdict), dtype=np.int64)
    )
    bad: Told = field(default_factory=list)
    doubtful: Told = field(default_factory=list)

    @property
    def total(self) -> int:
        """Lines seen so far."""
        return int(self.counts.sum())

    @property
    def numbers(self) -> int:
        """Lines with a number."""
        return int(self.counts[: LineVerdict.BLANK].sum())

    def add(self, verdicts: NDArray[np.uint8], *, lines: NDArray[np.int64] | None = None) -> None:
        """Count the lines of the next block.

        :param lines: where its records begin, if they are no lines
        """
        wrong = verdicts > LineVerdict.CONTINUED
        doubtful = (verdicts > LineVerdict.VALID) & (verdicts < LineVerdict.BLANK)
        for told, which in ((self.bad, wrong), (self.doubtful, doubtful)):
            places = np.flatnonzero(which)[: MOST_LISTED - len(told)]
            numbers = lines[places] if lines is not None else self.total + 1 + places
            kinds = map(LineVerdict, verdicts[places].tolist())
            told += list(zip(numbers.tolist(), kinds, strict=True))
        self.counts += np.bincount(verdicts, minlength=len(LineVerdict))

    @property
    def invalid(self) -> int:
        """Lines that should hold a number and do not."""
        return sum(self.reasons().values())

    def reasons(self) -> dict[str, int]:
        """Count the bad lines by what is wrong with them."""
        return self._counted(REASONS)

    def doubts(self) -> dict[str, int]:
        """Count the lines with doubtful numbers by what speaks against them."""
        return self._counted(DOUBTS)

    def reason(self, verdict: LineVerdict) -> str:
        """Say what is wrong, or what may be."""
        # One number in ten ends in 0: only where most of them do, a spreadsheet has done it.
        rounded = self.counts[LineVerdict.ROUNDED] > self.counts[LineVerdict.CHECK_DIGIT]
        if verdict is LineVerdict.ROUNDED and not rounded:
            verdict = LineVerdict.CHECK_DIGIT
        return (REASONS | DOUBTS)[verdict]

    def _counted(self, verdicts: Iterable[LineVerdict]) -> dict[str, int]:
        found = Counter[str]()
        for verdict in verdicts:
            found[self.reason(verdict)] += int(self.counts[verdict])
        return {text: times for text, times in found.items() if times}

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "lines": self.total,
            "header": int(self.counts[LineVerdict.HEADER]),
            "blank": int(self.counts[LineVerdict.BLANK]),
            "continued": int(self.counts[LineVerdict.CONTINUED]),
            "invalid": self.invalid,
            "invalid_reasons": self.reasons(),
            "invalid_lines": self._listed(self.bad),
            "doubtful": sum(self.doubts().values()),
            "doubtful_reasons": self.doubts(),
            "doubtful_lines": self._listed(self.doubtful),
        }

    def _listed(self, told: Told) -> list[dict[str, Any]]:
        return [{"line": line, "reason": self.reason(verdict)} for line, verdict in told]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedBefore:
    """Numbers that cards were issued with before: counted by job, the first ones masked."""

    by_job: list[tuple[UUID | None, int]]
    listed: list[tuple[str, UUID | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Every line is in one of: header, blank, continued, invalid, duplicates, new, known, issued.

    `differing` numbers came with more than one expiry date or CVV, and are kept once.
    `distinct` numbers are `new`, excluded from now on; known, excluded before; or `issued`, which
    are not added, for a card has them. `locked` is for how long no card could be minted.
    """

    source: str
    form: str
    dry_run: bool
    lines: Lines
    distinct: int
    differing: int
    new: int
    issued: int
    cards: IssuedBefore
    seconds: float
    locked: float

    @property
    def duplicates(self) -> int:
        """Lines with a number that an earlier line has."""
        return self.lines.numbers - self.distinct

    @property
    def known(self) -> int:
        """Numbers that were excluded before."""
        return self.distinct - self.new - self.issued

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "source": self.source,
            "format": self.form,
            "dry_run": self.dry_run,
            "new": self.new,
            "known": self.known,
            "issued": self.issued,
            "duplicates": self.duplicates,
            "differing": self.differing,
            **self.lines.as_dict(),
            "issued_by_job": [
                {"job": _id(job), "numbers": numbers} for job, numbers in self.cards.by_job
            ],
            "issued_numbers": [
                {"number": masked, "job": _id(job)} for masked, job in self.cards.listed
            ],
            "seconds": round(self.seconds, 3),
            "locked_seconds": round(self.locked, 3),
        }


def _id(job: UUID | None) -> str | None:
    return str(job) if job else None
