"""Everything that one user may know of one number."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from generation import published, schemes, tiers
from generation.models import Tier
from generation.published import Meaning
from generation.schemes import BinListEntry
from jobs import results
from jobs.lookup.whose import Answer
from toolkit.rights import Right, has_right
from uniqueness.check import Explanation, State, explain
from uniqueness.ledger import Renewed, renewals_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCard:
    """A number with what is known of it; `fields` and `renewals` are empty for other people's."""

    answer: Answer
    explanation: Explanation
    fields: dict[str, Any]
    renewals: list[Renewed]
    meanings: list[tuple[Meaning, str]]
    bin_list: BinListEntry | None
    source: str

    @property
    def purged(self) -> bool:
        """Its card was deleted; the number stays issued."""
        return self.answer.readable and not self.fields

    @property
    def tier(self) -> str:
        """What the range's tier is called."""
        found = self.answer.issuer_range
        return str(Tier(found.tier).label) if found else ""

    @property
    def promise(self) -> str:
        """What the tier promises of the number."""
        found = self.answer.issuer_range
        return tiers.PROMISES[found.tier] if found else ""


def one_card(answer: Answer, *, user: User) -> OneCard:
    """Collect what is known of a number that was looked up."""
    (explanation,) = explain([answer.number])
    slot = answer.finding.slot
    readable = answer.readable and slot is not None
    return OneCard(
        answer=answer,
        explanation=explanation,
        fields=(results.card_at(slot) or {}) if readable and slot is not None else {},
        renewals=renewals_of(slot) if readable and slot is not None else [],
        meanings=[(one, published.in_words(one.behaviour)) for one in explanation.meanings],
        bin_list=_bin_list(answer),
        source=_source(answer, explanation, user=user),
    )


def _bin_list(answer: Answer) -> BinListEntry | None:
    prefixes = (answer.number[:length] for length in (8, 6))
    return next(filter(None, map(schemes.bin_list_entry, prefixes)), None)


def _source(answer: Answer, explanation: Explanation, *, user: User) -> str:
    """Say where an excluded number is from, to whom may see imported ones."""
    told = answer.finding.state is State.EXCLUDED and has_right(user, Right.EXCLUDE)
    return explanation.kept_out.source if told and explanation.kept_out else ""
