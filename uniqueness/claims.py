"""Particular numbers, claimed by hand: issued at once, and stepped over by random minting later.

A claim holds off imports, other claims and orders of its range until its transaction ends, so what
it finds unused stays so; the unique indexes have the last word all the same. Minting goes on: it
writes only where somebody holds the slots, and its negative numbers are good ones of no range.
"""

from uuid import UUID

from generation.errors import Refusal
from generation.kernel.mint import Cards
from generation.models import IssuerRange
from generation.ranges import permuted_slots_of
from uniqueness import ledger, locks
from uniqueness.models import Exclusion
from uniqueness.reservations import next_slot


class NotClaimable(Refusal):
    """Some of the numbers are not there to be claimed; `places` says which."""

    code = "not_claimable"


def lock(issuer_range: IssuerRange) -> None:
    """Keep imports, other claims and orders out of the range until the transaction ends."""
    locks.add_exclusions()
    locks.share_exclusions()
    next_slot(issuer_range)


def take(*, issuer_range: IssuerRange, cards: Cards, owner: UUID, source: str) -> None:
    """Issue the cards to the owner; the range must be locked.

    :raises DuplicateRefused: if a unique index refuses one; the transaction must be rolled back
    """
    texts = [pan.decode() for pan in cards.pans.tolist()]
    slots = permuted_slots_of(issuer_range, pans=texts) + issuer_range.first_slot
    Exclusion.objects.bulk_create(
        Exclusion(pan=pan, slot=slot, reason=Exclusion.Reason.CLAIMED, source=source, owner=owner)
        for pan, slot in sorted(zip(texts, slots.tolist(), strict=True))
    )
    ledger.write(issuer_range=issuer_range, cards=cards.sorted_by_pan())
