"""What all rules share: they look at the same signs and yield what they found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from cardgen.anomalies.names import RuleName
from cardgen.anomalies.signs import Signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Who did what; `facts` hold counts, prefixes of six digits and names of ranges only."""

    subject: str
    detail: str
    facts: dict[str, object] = field(default_factory=dict)
    key_id: int | None = None
    user_id: int | None = None


class Rule:
    """One kind of use that is not normal; `name` stands in settings, events and the docs."""

    name: ClassVar[RuleName]

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Yield what is not normal now."""
        raise NotImplementedError


def by(who: str, *, detail: str, facts: dict[str, object]) -> Finding:
    """Say it of a key or of a user's session."""
    number = int(who[1:])
    if who.startswith("k"):
        return Finding(subject=f"key {number}", detail=detail, facts=facts, key_id=number)
    return Finding(subject=f"user {number}", detail=detail, facts=facts, user_id=number)
