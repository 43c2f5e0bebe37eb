"""Particular numbers, claimed by hand: issued at once, and stepped over by random minting later.

A claim holds off minters and imports until its transaction ends, so what it finds unused stays so;
the unique indexes have the last word all the same.
"""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray

from generation.errors import Refusal
from generation.kernel.layout import write_pans
from generation.kernel.mint import Cards
from generation.models import IssuerRange
from generation.ranges import permuted_slots_of, slots_of
from uniqueness import ledger, locks
from uniqueness.models import Card, Exclusion, Pool, Reservation
from uniqueness.reservations import next_slot

_BLOCK = 5_000
_MOST_BLOCKS = 200
_FREE = """
    SELECT s.slot FROM unnest(%s::bigint[]) s(slot) WHERE EXISTS (
        SELECT FROM uniqueness_reservation r WHERE r.state = 'free' AND r.span @> s.slot)
"""


class NotClaimable(Refusal):
    """Some of the numbers are not there to be claimed; `places` says which."""

    code = "not_claimable"


def lock(issuer_range: IssuerRange) -> None:
    """Keep minters, imports and other claims out of the range until the transaction ends."""
    locks.add_exclusions()
    locks.change_exclusions()
    next_slot(issuer_range)


def unused(issuer_range: IssuerRange, pans: NDArray[np.bytes_]) -> NDArray[np.bool_]:
    """Tell which of N PANs can be claimed: of the range, not issued, excluded, held or given up.

    A slot below the cursor counts as given up unless it lies in a free span: its card may have
    been issued and purged.
    """
    slots = slots_of(issuer_range, pans=pans)
    packed = (slots + issuer_range.first_slot).tolist()
    texts = [pan.decode() for pan in pans.tolist()]
    issued = Card.objects.filter(Q(pan__in=texts) | Q(slot__in=packed)).values_list("pan", "slot")
    taken_pans = {pan for pan, _ in issued} | set(
        Exclusion.objects.filter(pan__in=texts).values_list("pan", flat=True)
    )
    usable = (slots >= _cursor(issuer_range)) | np.isin(packed, _free_slots(packed))
    usable &= (slots >= 0) & ~np.isin(packed, [slot for _, slot in issued])
    return usable & ~np.isin(texts, list(taken_pans))


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


def ending(issuer_range: IssuerRange, *, digits: str, count: int, seed: int) -> NDArray[np.bytes_]:
    """Find `count` unused numbers that end in `digits`; fewer only if a long search finds no more.

    :param seed: where to begin; any number
    """
    return _first_unused(issuer_range, _ending(issuer_range, digits, seed=seed), count=count)


def following(issuer_range: IssuerRange, *, start: str, count: int) -> NDArray[np.bytes_]:
    """Find the first `count` unused numbers from `start` (a PAN's first digits) on, ascending."""
    return _first_unused(issuer_range, _following(issuer_range, start), count=count)


def _first_unused(
    issuer_range: IssuerRange, blocks: Iterator[NDArray[np.bytes_]], *, count: int
) -> NDArray[np.bytes_]:
    found = np.empty(0, dtype=f"S{issuer_range.pan_length}")
    for _, block in zip(range(_MOST_BLOCKS), blocks, strict=False):
        if block.size:
            found = np.concatenate([found, block[unused(issuer_range, block)]])
        if found.size >= count:
            break
    return found[:count]


def _ending(issuer_range: IssuerRange, digits: str, *, seed: int) -> Iterator[NDArray[np.bytes_]]:
    """Yield the range's numbers with that ending; one of ten payloads has the right check digit."""
    step = 10 ** (len(digits) - 1)
    heads = issuer_range.capacity // step
    first = int(issuer_range.iin) * heads
    for start in range(0, heads, _BLOCK):
        offsets = (np.arange(start, min(start + _BLOCK, heads), dtype=np.int64) + seed) % heads
        payloads = (first + np.sort(offsets)) * step + int(digits[:-1] or 0)
        pans = _pans(payloads, issuer_range.pan_length)
        last = np.ascontiguousarray(pans).view(np.uint8).reshape(pans.size, -1)[:, -1]
        yield pans[last == ord(digits[-1])]


def _following(issuer_range: IssuerRange, start: str) -> Iterator[NDArray[np.bytes_]]:
    first = int(issuer_range.iin) * issuer_range.capacity
    end = first + issuer_range.capacity
    payload = int(start.ljust(issuer_range.pan_length, "0")[:-1])
    for begin in range(max(first, payload), end, _BLOCK):
        payloads = np.arange(begin, min(begin + _BLOCK, end), dtype=np.int64)
        pans = _pans(payloads, issuer_range.pan_length)
        yield pans[pans >= start.encode()]


def _pans(payloads: NDArray[np.int64], pan_length: int) -> NDArray[np.bytes_]:
    return write_pans(payloads, np.zeros_like(payloads), pan_length=pan_length)


def _cursor(issuer_range: IssuerRange) -> int:
    return Pool.objects.get(issuer_range=issuer_range).next_slot


def _free_slots(packed: list[int]) -> list[int]:
    if not Reservation.objects.filter(state=Reservation.State.FREE).exists():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [packed])
        return [row[0] for row in cursor.fetchall()]
