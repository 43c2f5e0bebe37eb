"""What part of the ledger an audit looks at."""

from dataclasses import dataclass
from uuid import UUID

from generation.models import SLOTS_PER_RANGE, IssuerRange
from uniqueness.proof.findings import Value
from uniqueness.slots import Span

_ALL_SLOTS = Span(-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """All of it, one range, or one job; `owner` is the job's id."""

    issuer_range: IssuerRange | None = None
    owner: UUID | None = None

    @property
    def span(self) -> Span:
        """The packed slots that may be looked at."""
        if self.issuer_range is None:
            return _ALL_SLOTS
        first = self.issuer_range.first_slot
        return Span(first, first + SLOTS_PER_RANGE)

    @property
    def whole(self) -> bool:
        """Nothing is left out."""
        return self.issuer_range is None and self.owner is None

    @property
    def parameters(self) -> dict[str, Value]:
        """What the queries here call `first`, `end` and `owner`."""
        return {"first": self.span.first, "end": self.span.end, "owner": self.owner}
