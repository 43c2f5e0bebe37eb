"""What one run of a scenario found."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class Size(StrEnum):
    """How often a fault is done: a test, a few minutes for all scenarios, or up to an hour."""

    SMALLEST = "smallest"
    USUAL = "usual"
    FULL = "full"


class Failure(Exception):
    """Something that must survive did not; the message says what."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one run did and found. Times are seconds.

    `jobs_failed` counts those that ended short of their cards though the scenario saw to no such
    thing; `leave` says which jobs may end how.
    """

    scenario: str
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    facts: dict[str, float | int | str] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    cards: int = 0
    duplicates: int = 0
    lost: int = 0
    jobs_failed: int = 0
    leave: dict[str, set[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def expect(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 (reads as a sentence)
        """Note a problem unless the condition holds."""
        if not holds:
            self.problems.append(otherwise)

    def recovered(self, seconds: float, *, within: float, what: str) -> None:
        """Note how long a recovery took, and whether that was too long."""
        self.recoveries.append(seconds)
        self.expect(seconds <= within, f"{what} took {seconds:.1f} s, {within:.0f} s are allowed")

    def may_end(self, job_id: UUID | str, how: str) -> None:
        """Note that the scenario itself cancels the job, or sees to it that it may fail.

        :param how: "cancelled", or the error code of the failure
        """
        self.leave.setdefault(str(job_id), set()).add(how)

    def may_no_longer_end(self, job_id: UUID | str, how: str) -> None:
        """Take that back."""
        self.leave.get(str(job_id), set()).discard(how)

    def as_dict(self) -> dict[str, Any]:
        """Write it for programs."""
        return {
            "scenario": self.scenario,
            "passed": not self.problems,
            "seed": self.seed,
            "faults": dict(self.faults),
            "cards": self.cards,
            "duplicates": self.duplicates,
            "lost": self.lost,
            "jobs_failed": self.jobs_failed,
            "recovery_seconds": _spread(self.recoveries),
            "facts": self.facts,
            "problems": self.problems,
            "seconds": round(self.seconds, 1),
        }


def _spread(seconds: list[float]) -> dict[str, float | int]:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {
        "count": len(ordered),
        "median": round(ordered[len(ordered) // 2], 2),
        "worst": round(ordered[-1], 2),
    }
