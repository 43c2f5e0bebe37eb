"""What an import found, exact to the line."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from uniqueness.exclusions.imports.forms import REASONS, LineVerdict

MOST_LISTED = 1_000
"""Lines, numbers and jobs listed one by one; all of them are counted."""


@dataclass
class Lines:
    """What the lines of a file are, counted as they come; the first bad ones are remembered."""

    counts: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(len(LineVerdict), dtype=np.int64)
    )
    bad: list[tuple[int, LineVerdict]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Lines seen so far."""
        return int(self.counts.sum())

    def add(self, verdicts: NDArray[np.uint8]) -> None:
        """Count the lines of the next block."""
        wrong = np.flatnonzero(verdicts > LineVerdict.HEADER)[: MOST_LISTED - len(self.bad)]
        first = self.total + 1
        self.bad += [(first + int(place), LineVerdict(int(verdicts[place]))) for place in wrong]
        self.counts += np.bincount(verdicts, minlength=len(LineVerdict))

    @property
    def invalid(self) -> int:
        """Lines that should hold a number and do not."""
        return sum(self.reasons().values())

    def reasons(self) -> dict[str, int]:
        """Count the bad lines by what is wrong with them."""
        return {
            text: int(self.counts[verdict])
            for verdict, text in REASONS.items()
            if self.counts[verdict]
        }

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "lines": self.total,
            "header": int(self.counts[LineVerdict.HEADER]),
            "blank": int(self.counts[LineVerdict.BLANK]),
            "invalid": self.invalid,
            "invalid_reasons": self.reasons(),
            "invalid_lines": [
                {"line": line, "reason": REASONS[verdict]} for line, verdict in self.bad
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedBefore:
    """Numbers that cards were issued with before: counted by job, the first ones masked."""

    by_job: list[tuple[UUID | None, int]]
    listed: list[tuple[str, UUID | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Every line is in one of: header, blank, invalid, duplicates, new, known, issued.

    `distinct` numbers are `new`, excluded from now on; known, excluded before; or `issued`, which
    are not added, for a card has them. `locked` is for how long no card could be minted.
    """

    source: str
    form: str
    dry_run: bool
    lines: Lines
    distinct: int
    new: int
    issued: int
    cards: IssuedBefore
    seconds: float
    locked: float

    @property
    def duplicates(self) -> int:
        """Lines with a number that an earlier line has."""
        return int(self.lines.counts[LineVerdict.VALID]) - self.distinct

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
