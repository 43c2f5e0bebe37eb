"""Numbers that must never be minted."""

from collections.abc import Iterable

import numpy as np
from django.db import transaction

from generation import ranges
from generation.models import IssuerRange
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
        for pan, slot in sorted(_slots(numbers).items())
    ]
    Exclusion.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5_000)
    return Exclusion.objects.count() - before


@transaction.atomic
def place(issuer_range: IssuerRange) -> None:
    """Work out the slots of numbers that were excluded before this range was registered."""
    locks.change_exclusions()
    unplaced = Exclusion.objects.filter(slot=None, pan__startswith=issuer_range.iin)
    pans = list(unplaced.order_by("pan").values_list("pan", flat=True))
    for pan, slot in _slots_in(issuer_range, pans).items():
        Exclusion.objects.filter(pan=pan).update(slot=slot)


def _slots(numbers: Iterable[str]) -> dict[str, int | None]:
    pans = list(numbers)
    found: dict[str, int | None] = dict.fromkeys(pans)
    for issuer_range in IssuerRange.objects.all():
        found |= _slots_in(issuer_range, pans)
    return found


def _slots_in(issuer_range: IssuerRange, pans: list[str]) -> dict[str, int]:
    slots = ranges.slots_of(issuer_range, pans=pans)
    ours = np.flatnonzero(slots >= 0)
    return {pans[i]: int(slots[i]) + issuer_range.first_slot for i in ours}
