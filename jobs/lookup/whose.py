"""Whose numbers are, for one user: jobs that are theirs to see, cards whole where they may be read.

Nothing here is kept: neither the numbers nor the answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User

from generation import schemes
from generation.known_ranges import known
from generation.models import IssuerRange
from jobs import watching
from jobs.models import Job
from toolkit import tally
from toolkit.rights import Right, has_right
from uniqueness.check import Finding, Layer, State, check

WORDS = {
    State.ISSUED: "Issued here",
    State.PUBLISHED: "Published test card",
    State.EXCLUDED: "Excluded",
    State.UNISSUED: "Not issued yet",
    State.UNKNOWN: "Not ours",
}
MEANINGS = {
    State.ISSUED: "This number was handed out here once, and never will be again.",
    State.PUBLISHED: "A payment provider publishes it. It is the same for everybody, so it is never"
    " handed out here.",
    State.EXCLUDED: "It was imported as a number that must never be handed out here.",
    State.UNISSUED: "It lies in a range that is registered here. Nobody has got it from here.",
    State.UNKNOWN: "Nothing is known of it here: treat it as a real card.",
}
LAYERS = {
    Layer.CACHE: "layer 5, the cache",
    Layer.FILTER: "layer 4, the Bloom filters",
    Layer.POOL: "layer 3, the pool of numbers",
    Layer.INDEX: "layer 2, the unique index over all numbers",
    Layer.EXCLUSIONS: "the list of excluded numbers",
    Layer.ARITHMETIC: "arithmetic: no card number is so long",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one user is told of a number. `job` is None if it is not theirs to see."""

    number: str
    finding: Finding
    issuer_range: IssuerRange | None
    job: Job | None
    readable: bool

    @property
    def shown(self) -> str:
        """The number in groups, whole if its card may be read, else masked."""
        shown = self.number if self.readable else schemes.mask(self.number)
        return schemes.group(self.number, shown=shown)

    @property
    def word(self) -> str:
        """The state in words."""
        return WORDS[self.finding.state]

    @property
    def meaning(self) -> str:
        """What the state means."""
        return MEANINGS[self.finding.state]

    @property
    def layer(self) -> str:
        """Who knew."""
        return LAYERS[self.finding.layer]


def ask(numbers: Sequence[str], *, user: User) -> list[Answer]:
    """Look numbers (ASCII digits) up for a user, and answer in the order asked.

    Imported numbers may be somebody's real cards: who may not see them is answered as of a number
    that nobody has imported.
    """
    findings = list(check(numbers, imported=has_right(user, Right.EXCLUDE)))
    return list(answers(numbers, findings, user=user))


def answers(numbers: Sequence[str], findings: Sequence[Finding], *, user: User) -> Iterator[Answer]:
    """Put what is known of numbers into what the user may be told."""
    ranges = known({found.range_id for found in findings if found.range_id})
    owners = {found.owner for found in findings if found.owner}
    jobs = _jobs(owners, user=user)
    readable = _readable(owners, user=user)
    for number, finding in zip(numbers, findings, strict=True):
        yield Answer(
            number=number,
            finding=finding,
            issuer_range=ranges.get(finding.range_id or 0),
            job=jobs.get(finding.owner) if finding.owner else None,
            readable=finding.owner in readable,
        )


def count_asked(caller: str, numbers: Sequence[str], findings: Sequence[Finding]) -> None:
    """Count what was asked and missed, by its first six digits (cardgen.anomalies).

    :param caller: as `tally.who` names them
    """
    missed = [
        number
        for number, found in zip(numbers, findings, strict=True)
        if found.state not in (State.ISSUED, State.PUBLISHED)
    ]
    tally.add_prefixes("asked", caller, list(numbers))
    tally.add_prefixes("missed", caller, missed)


def _jobs(owners: set[UUID], *, user: User) -> dict[UUID, Job]:
    seen = watching.visible_to(user).filter(id__in=owners)
    return {job.id: job for job in seen.select_related("owner")}


def _readable(owners: set[UUID], *, user: User) -> set[UUID]:
    if not has_right(user, Right.CARDS):
        return set()
    return set(watching.readable_by(user).filter(id__in=owners).values_list("id", flat=True))
