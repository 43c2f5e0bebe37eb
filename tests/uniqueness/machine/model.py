"""What must be true, in plain Python: it knows nothing of spans, cursors, windows or layers."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Card:
    """A number that somebody has: whose it is, and its packed slot."""

    owner: UUID
    slot: int


@dataclass(slots=True)
class Asked:
    """What a job was asked for."""

    count: int
    distinct: bool = False
    sequential: bool = False
    purged: bool = False
    forgotten: bool = False


@dataclass(slots=True)
class Timeline:
    """What a database must know: it is lost, and comes back older, when a backup is restored.

    :param cards: every card issued, purged ones too, by number
    :param excluded: reason by number; claimed ones are in `claimed` instead
    :param passed: numbers no longer excluded whose slots were passed while they were
    :param renewals: how often a number was renewed
    """

    jobs: dict[UUID, Asked] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    renewals: dict[str, int] = field(default_factory=dict)

    def cards_of(self, job_id: UUID) -> set[str]:
        """The numbers of one job's cards, purged or not."""
        return {pan for pan, card in self.cards.items() if card.owner == job_id}


@dataclass(slots=True)
class Model:
    """The timeline that counts, and what testers hold in their hands whatever was restored."""

    now: Timeline = field(default_factory=Timeline)
    handed_out: dict[str, int] = field(default_factory=dict)

    def hand_out(self, found: dict[str, int], *, owner: UUID) -> None:
        """New cards stand in the ledger (number -> packed slot)."""
        again = sorted(found[pan] for pan in found.keys() & self.handed_out.keys())
        assert not again, f"the numbers in slots {again[:5]} were handed out before"
        forbidden = sorted(found[pan] for pan in found.keys() & self.now.excluded.keys())
        assert not forbidden, f"the numbers in slots {forbidden[:5]} are excluded"
        assert owner in self.now.jobs, "nobody asked for these cards"
        self.handed_out |= found
        self.now.cards |= {pan: Card(owner, slot) for pan, slot in found.items()}

    def exclude(self, pans: list[str], *, reason: str, found: Collection[str]) -> None:
        """Numbers were to be excluded: those that are cards or excluded already stay what they are.

        An imported one that a provider publishes is published from then on. A provider may publish
        a card's number: it is a card all the same. The number of a purged card stays issued, and so
        may one whose slot was passed: its span counts as issued, whole, once it is purged.

        :param found: all numbers that are excluded now
        """
        for pan in pans:
            is_card = pan in self.now.cards or (pan in self.now.passed and pan not in found)
            if pan not in self.now.claimed and not (is_card and reason != "published"):
                published = "published" in (reason, self.now.excluded.get(pan))
                self.now.excluded[pan] = "published" if published else reason

    def state_of(self, pan: str, *, in_a_range: bool) -> set[str]:
        """What `check` may say of a number."""
        if pan in self.now.cards:
            return {"issued"}
        state = "unissued" if in_a_range else "unknown"
        if pan in self.now.excluded:
            state = "published" if self.now.excluded[pan] == "published" else "excluded"
        # The span of a passed one counts as issued, whole, once it is purged.
        return {state, "issued"} if pan in self.now.passed else {state}
