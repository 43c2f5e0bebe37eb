"""Particular numbers, claimed by hand: issued at once, and stepped over by random minting later.

A claim holds off imports, other claims and orders of its range until its transaction ends, so what
it finds unused stays so; the unique indexes have the last word all the same. Minting goes on: it
writes only where somebody holds the slots, and its negative numbers are good ones of no range.
"""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from generation.kernel.mint import Cards
from generation.models import IssuerRange
from generation.ranges import permuted_slots_of
from toolkit.refusals import Refusal
from toolkit.wording import counted
from uniqueness import bloom, ledger, locks
from uniqueness.models import Exclusion
from uniqueness.pool import remaining
from uniqueness.pool.reserving import next_slot
from uniqueness.pool.sequential import whole_windows
from uniqueness.slots import WINDOW, Span, claimed_windows

_FEW_WINDOWS = 10
_SOURCE = "claimed by hand"


class NotClaimable(Refusal):
    """Some of the numbers are not there to be claimed; `places` says which."""

    code = "not_claimable"


def lock(issuer_range: IssuerRange, *, slots: NDArray[np.int64]) -> None:
    """Keep imports, other claims and orders out of the range until the transaction ends.

    :param slots: where cards are to be written. A minter may have un-sealed their windows, and
        wait for the range to set more slots aside: so the windows come before the range
    """
    locks.add_exclusions()
    locks.share_exclusions()
    bloom.before_record(slots + issuer_range.first_slot)
    next_slot(issuer_range)


def keep_windows(issuer_range: IssuerRange, *, slots: NDArray[np.int64]) -> None:
    """Check that a claim of these slots leaves windows to sequential orders; the range is locked.

    :raises NotClaimable: if claimed cards would lie in more than half of the windows that nobody
        has begun, and in more than ten
    """
    first = next_slot(issuer_range)
    ahead = whole_windows(issuer_range, first=first)
    claimed = claimed_windows(issuer_range, slots=Span(first, issuer_range.capacity))
    before = np.intersect1d(ahead, claimed)
    after = np.intersect1d(ahead, np.append(claimed, slots // WINDOW))
    most = max(_FEW_WINDOWS, len(ahead) // 2)
    if after.size > max(most, before.size):
        raise NotClaimable(
            f"Claimed numbers would lie in {after.size} of the {len(ahead)} windows of range"
            f" {issuer_range.name} that nobody has begun; half of them are kept for sequential"
            " orders. Claim numbers that lie nearer together. Nothing was claimed.",
            range=issuer_range.name,
        )


def keep_promises(issuer_range: IssuerRange, *, count: int) -> None:
    """Check that a claim leaves the numbers that running jobs were promised; the range is locked.

    :raises NotClaimable: if not
    """
    first = next_slot(issuer_range)
    if not remaining.keeps_promises(issuer_range, first=first, count=count):
        left = remaining.left(issuer_range)
        raise NotClaimable(
            f"Range {issuer_range.name} has {counted(left, 'number')} left that running jobs were"
            f" not promised, {counted(count, 'was', 'were')} asked for. Nothing was claimed.",
            range=issuer_range.name,
            left=left,
        )


def take(*, issuer_range: IssuerRange, cards: Cards, owner: UUID, user_id: int) -> None:
    """Issue the cards to the owner, a job of the user; the range must be locked.

    :raises DuplicateRefused: if a unique index refuses one; the transaction must be rolled back
    """
    texts = [pan.decode() for pan in cards.pans.tolist()]
    slots = permuted_slots_of(issuer_range, pans=texts) + issuer_range.first_slot
    Exclusion.objects.bulk_create(
        Exclusion(
            pan=pan,
            slot=slot,
            reason=Exclusion.Reason.CLAIMED,
            source=_SOURCE,
            owner=owner,
            claimed_by_id=user_id,
        )
        for pan, slot in sorted(zip(texts, slots.tolist(), strict=True))
    )
    ledger.write(issuer_range=issuer_range, cards=cards.sorted_by_pan())
