"""Numbers that must never be minted."""

from collections.abc import Iterable

import numpy as np
from django.db import transaction

from generation.models import IssuerRange
from generation.ranges import slots_of
from uniqueness import locks
from uniqueness.models import Exclusion


@transaction.atomic
def exclude(numbers: dict[str, str], *, reason: str) -> int:
    """Exclude `numbers` (PAN -> source) from minting for good; return how many were new.

    Sorted before the insert, so that two imports at once take rows in the same order.
    """
    locks.change_exclusions()
    before = Exclusion.objects.count()
    rows = [
        Exclusion(pan=pan, reason=reason, source=numbers[pan], slot=slot)
        for pan, slot in sorted(_slots(numbers, ranges=IssuerRange.objects.all()).items())
    ]
    Exclusion.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5_000)
    return Exclusion.objects.count() - before


@transaction.atomic
def place(ranges: Iterable[IssuerRange]) -> None:
    """Work out the slots of numbers that were excluded before these ranges were registered."""
    locks.change_exclusions()
    unplaced = Exclusion.objects.filter(slot=None).order_by("pan")
    found = _slots(unplaced.values_list("pan", flat=True), ranges=ranges)
    for pan, slot in sorted(found.items()):
        if slot is not None:
            Exclusion.objects.filter(pan=pan).update(slot=slot)


def displace(issuer_range: IssuerRange) -> None:
    """Forget the slots of numbers in a range that is about to be removed; they stay excluded."""
    end = issuer_range.first_slot + issuer_range.capacity
    inside = Exclusion.objects.filter(slot__gte=issuer_range.first_slot, slot__lt=end)
    inside.update(slot=None)


def _slots(numbers: Iterable[str], *, ranges: Iterable[IssuerRange]) -> dict[str, int | None]:
    """Find each number's packed slot, None outside all of the ranges."""
    found: dict[str, int | None] = dict.fromkeys(numbers)
    groups: dict[tuple[str, int], list[str]] = {}
    for pan in found:
        for iin in {pan[:6], pan[:8]}:
            groups.setdefault((iin, len(pan)), []).append(pan)
    for issuer_range in ranges:
        pans = groups.get((issuer_range.iin, issuer_range.pan_length), [])
        if pans:
            found |= _slots_in(issuer_range, pans)
    return found


def _slots_in(issuer_range: IssuerRange, pans: list[str]) -> dict[str, int]:
    slots = slots_of(issuer_range, pans=pans)
    ours = np.flatnonzero(slots >= 0)
    return {pans[i]: int(slots[i]) + issuer_range.first_slot for i in ours}
