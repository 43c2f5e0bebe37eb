"""Numbers that must never be minted.

Whoever changes some takes locks in one order, so that nobody waits in a circle: `add_exclusions`
before rows are written, then the gate is closed (`close_gate`), and nothing is waited for behind
it. Minters pass the gate before they look for excluded numbers, planners hold their range's lock.
"""

from collections.abc import Iterable

import numpy as np
from django.db import connection, transaction
from django.db.models.functions import Length

from generation.models import SLOTS_PER_RANGE, IssuerRange
from uniqueness import locks
from uniqueness.exclusions import outside
from uniqueness.models import Exclusion
from uniqueness.slots import packed_slots

_BLOCK = 50_000
_ADD = """
    INSERT INTO uniqueness_exclusion (pan, slot, source, reason)
    SELECT pan, nullif(slot, -1), source, %s
    FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS given (pan, slot, source)
    ORDER BY pan ON CONFLICT DO NOTHING
"""
# A number that is published after its import was published all the same: it stays for good.
_PUBLISH = """
    UPDATE uniqueness_exclusion e SET reason = 'published', source = given.source
    FROM unnest(%s::text[], %s::text[]) AS given (pan, source)
    WHERE e.pan = given.pan AND e.reason = 'imported'
"""
_FORGET = "DELETE FROM uniqueness_importedtoken WHERE token = ANY(%s)"
_PLACE = """
    UPDATE uniqueness_exclusion e SET slot = found.slot
    FROM unnest(%s::text[], %s::bigint[]) AS found (pan, slot)
    WHERE e.pan = found.pan AND found.slot >= 0
"""


@transaction.atomic
def exclude(numbers: dict[str, str], *, reason: str) -> int:
    """Exclude `numbers` (PAN -> source) from minting for good; return how many were new.

    Imported ones that are published now count as published from now on, and not as new.
    """
    locks.add_exclusions()
    locks.remove_exclusions()
    ranges = list(IssuerRange.objects.all())
    pans = sorted(numbers)
    slots = packed_slots(np.array(pans, dtype="S19"), ranges=ranges).tolist()
    sources = [numbers[pan] for pan in pans]
    with connection.cursor() as cursor:
        if reason == Exclusion.Reason.PUBLISHED:
            cursor.execute(_PUBLISH, [pans, sources])
            cursor.execute(_FORGET, [outside.tokens_of(np.array(pans, dtype="S19"))])
        cursor.execute(_ADD, [reason, pans, slots, sources])
        added = cursor.rowcount
    close_gate(known=ranges, touched={slot // SLOTS_PER_RANGE for slot in slots if slot >= 0})
    return int(added)


def close_gate(*, known: Iterable[IssuerRange], touched: Iterable[int]) -> bool:
    """Let nobody mint, nor set numbers of these ranges aside, until the transaction ends.

    Exclusions written before may have missed ranges that came or went meanwhile: they are put
    right, and the answer is true. The caller holds `add_exclusions`, so nobody deletes any: the
    lock of removals, which comes before the gate, is not needed for that.

    :param known: the ranges that the slots were worked out with
    :param touched: ids of ranges whose exclusions change
    """
    locks.change_exclusions()
    before = {one.pk: one for one in known}
    now = {one.pk: one for one in IssuerRange.objects.all()}
    for pk in before.keys() - now.keys():
        _displace(before[pk])
    if new := [now[pk] for pk in now.keys() - before.keys()]:
        outside.bring_in(new)
    for issuer_range in new:
        _place(issuer_range)
    for pk in sorted(now.keys() & {*touched} | now.keys() - before.keys()):
        locks.lock_range(pk)
    return now.keys() != before.keys()


@transaction.atomic
def place(ranges: Iterable[IssuerRange]) -> None:
    """Work out the slots of numbers that were excluded before these ranges were registered."""
    new = list(ranges)
    if not new:  # every start comes by; the locks stop all minting while imported numbers are read
        return
    locks.remove_exclusions()
    locks.change_exclusions()
    outside.bring_in(new)
    for issuer_range in new:
        _place(issuer_range)


def displace(issuer_range: IssuerRange) -> None:
    """Forget the slots of numbers in a range that is about to be removed; they stay excluded."""
    locks.remove_exclusions()
    locks.change_exclusions()
    _displace(issuer_range)


def _displace(issuer_range: IssuerRange) -> None:
    end = issuer_range.first_slot + issuer_range.capacity
    inside = Exclusion.objects.filter(slot__gte=issuer_range.first_slot, slot__lt=end)
    inside.update(slot=None)


def _place(issuer_range: IssuerRange) -> None:
    """Go through the numbers under the range's IIN in blocks; a colon sorts behind all digits."""
    iin = issuer_range.iin
    unplaced = Exclusion.objects.annotate(length=Length("pan")).filter(
        slot=None, length=issuer_range.pan_length, pan__lt=f"{iin}:"
    )
    after = iin
    while pans := list(
        unplaced.filter(pan__gt=after).order_by("pan").values_list("pan", flat=True)[:_BLOCK]
    ):
        slots = packed_slots(np.array(pans, dtype="S19"), ranges=[issuer_range])
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, [pans, slots.tolist()])
        after = pans[-1]
