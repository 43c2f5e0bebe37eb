"""Take numbers off the exclusions, where that cannot make a card twice or a job too long."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from django.db import connection, transaction

from generation.errors import Refusal
from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.ranges import slots_of
from uniqueness import registry
from uniqueness.exclusions import close_gate
from uniqueness.models import Card, Exclusion
from uniqueness.placement import packed_slots

_SHOWN = 10
_STATES = """
    SELECT CASE WHEN given.slot < 0 THEN 'outside'
        WHEN r.state = 'held' THEN 'held' WHEN r.state = 'free' THEN 'free'
        WHEN r.state = 'used' OR given.slot %% %(slots)s < p.next_slot THEN 'passed'
        ELSE 'free' END
    FROM unnest(%(given)s::bigint[]) WITH ORDINALITY AS given (slot, place)
    LEFT JOIN uniqueness_reservation r ON r.span @> given.slot
    LEFT JOIN uniqueness_pool p ON p.issuer_range_id = given.slot / %(slots)s
    ORDER BY given.place
"""


class PublishedStays(Refusal):
    """Published numbers are never minted."""

    code = "published_stays"


class ExclusionInUse(Refusal):
    """The number is somebody's card, or a running job has counted on its being left out."""

    code = "exclusion_in_use"


class _State(StrEnum):
    OUTSIDE = "outside"
    HELD = "held"
    FREE = "free"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What became of the numbers named.

    Of those `removed`, `free` can be minted from now on; `passed` cannot, since their slots were
    passed while they were excluded; `outside` are in no registered range.
    """

    removed: int
    free: int
    passed: int
    outside: int
    not_excluded: int


@transaction.atomic
def remove(numbers: list[str], *, reason: str, actor: str) -> Removal:
    """Take imported numbers (digits) off the exclusions, all of them or none.

    :raises PublishedStays: if providers publish one of them
    :raises ExclusionInUse: if one stands in a span that a running job holds, or is a claimed card
    :raises ReasonMissing: if the reason says nothing
    """
    registry.require_reason(reason)
    wanted = sorted(set(numbers))
    ranges = list(IssuerRange.objects.all())
    slots = packed_slots(np.array(wanted, dtype="S19"), ranges=ranges, slots_of=slots_of)
    touched = set((slots[slots >= 0] // SLOTS_PER_RANGE).tolist())
    close_gate(known=ranges, touched=touched)
    excluded = Exclusion.objects.in_bulk(wanted)
    _require_removable(numbers, excluded)
    states = [
        state for pan, state in zip(wanted, _states(slots.tolist()), strict=True) if pan in excluded
    ]
    _require_unused(states)
    Exclusion.objects.filter(pan__in=excluded).delete()
    subject = f"{len(excluded)} numbers"
    if excluded:
        registry.note(actor=actor, action="remove_exclusions", subject=subject, reason=reason)
    counts = Counter(states)
    return Removal(
        removed=len(excluded),
        free=counts[_State.FREE],
        passed=counts[_State.PASSED],
        outside=counts[_State.OUTSIDE],
        not_excluded=len(wanted) - len(excluded),
    )


def _states(slots: list[int]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_STATES, {"given": slots, "slots": SLOTS_PER_RANGE})
        return [state for (state,) in cursor.fetchall()]


def _require_removable(numbers: list[str], excluded: dict[str, Exclusion]) -> None:
    published = [
        place
        for place, number in enumerate(numbers)
        if number in excluded and excluded[number].reason == Exclusion.Reason.PUBLISHED
    ]
    if published:
        raise PublishedStays(
            f"{len(published)} of the numbers are published by payment providers and stay excluded"
            f" for good; nothing was removed. The first stand at {_places(published)} (from 0).",
            places=published[:_SHOWN],
        )
    cards = set(Card.objects.filter(pan__in=excluded).values_list("pan", flat=True))
    # A claimed card may be purged: its number was handed out all the same.
    cards |= {pan for pan, row in excluded.items() if row.owner}
    if claimed := [place for place, number in enumerate(numbers) if number in cards]:
        raise ExclusionInUse(
            f"{len(claimed)} of the numbers are cards and must not be minted once more; nothing was"
            f" removed. The first stand at {_places(claimed)} (from 0).",
            places=claimed[:_SHOWN],
        )


def _require_unused(states: list[str]) -> None:
    if held := states.count(_State.HELD):
        raise ExclusionInUse(
            f"{held} of the numbers lie in spans that running jobs hold, which have counted on"
            " their being left out; nothing was removed. Try again when those jobs are done.",
            held=held,
        )


def _places(places: list[int]) -> str:
    return ", ".join(map(str, places[:_SHOWN]))
