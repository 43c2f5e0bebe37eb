"""Take numbers off the exclusions, where that cannot make a card twice or a job too long.

The slow parts come before the gate is closed: reading, comparing with the ledger, and deleting,
which nobody sees until the commit. Behind it only what minting may have changed is looked at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from generation.models import IssuerRange, SequentialWindow
from toolkit.actor import Actor
from toolkit.refusals import Refusal
from toolkit.wording import counted
from uniqueness import trail
from uniqueness.exclusions import removal_tables as tables
from uniqueness.exclusions.adding import close_gate
from uniqueness.models import Reservation

Block = tuple[NDArray[np.bytes_], NDArray[np.int64]]
"""Numbers (S19) and where each stands in what was sent."""

_LONGEST = 19
_SHOWN = 10


class PublishedStays(Refusal):
    """Published numbers are never minted."""

    code = "published_stays"


class ExclusionInUse(Refusal):
    """The number is somebody's card, or a running job has counted on its being left out."""

    code = "exclusion_in_use"


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
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRequest:
    """Why, and by whom; `tell` hears which of the slow steps begins."""

    reason: str
    actor: Actor
    dry_run: bool = False
    tell: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What numbers are placed by. Read before they are: what comes in between is noticed then."""

    ranges: list[IssuerRange] = field(default_factory=lambda: list(IssuerRange.objects.all()))
    windows: int = field(default_factory=SequentialWindow.objects.count)


def remove(numbers: list[str], *, reason: str, actor: Actor, dry_run: bool = False) -> Removal:
    """Take imported numbers (digits) off the exclusions; their places count from 0.

    :raises PublishedStays: as `remove_all`, and what else it raises
    """
    places = [place for place, number in enumerate(numbers) if len(number) <= _LONGEST]
    pans = np.array([numbers[place] for place in places], dtype=f"S{_LONGEST}")
    too_long = {number for number in numbers if len(number) > _LONGEST}
    return remove_all(
        [(pans, np.array(places, dtype=np.int64))],
        request=RemovalRequest(reason=reason, actor=actor, dry_run=dry_run),
        not_excluded=len(too_long),
    )


@transaction.atomic
def remove_all(
    blocks: Iterable[Block], *, request: RemovalRequest, not_excluded: int = 0
) -> Removal:
    """Take imported numbers off the exclusions, all of them or none.

    :param not_excluded: how many more were sent that cannot be there
    :raises PublishedStays: if providers publish one of them
    :raises ExclusionInUse: if one stands in a span that a running job holds, or is a claimed card
    :raises ReasonMissing: if the reason says nothing
    :raises PanInReason: if it holds a card number
    """
    trail.require_reason(request.reason)
    tables.create()
    for pans, places in blocks:
        tables.copy(pans, places=places)
    seen = _Seen()
    request.tell("comparing")
    found = tables.find(source=None)
    _require_removable()
    missing = tables.count_wanted() - found + not_excluded
    return _carry_out(found, seen=seen, request=request, not_excluded=missing)


@transaction.atomic
def remove_source(source: str, *, request: RemovalRequest) -> Removal:
    """Take everything that was imported from a source off the exclusions, or nothing.

    :raises ExclusionInUse: as `remove_all`, and what else it raises
    """
    trail.require_reason(request.reason)
    tables.create()
    seen = _Seen()
    request.tell("comparing")
    found = tables.find(source=source)
    reason = f"{request.reason.strip()} (source: {source})"
    return _carry_out(found, seen=seen, request=replace(request, reason=reason), not_excluded=0)


def _carry_out(found: int, *, seen: _Seen, request: RemovalRequest, not_excluded: int) -> Removal:
    touched, kept_outside = tables.ranges(), tables.kept_outside()
    request.tell("removing")
    removed = tables.delete()
    request.tell("checking")
    if close_gate(known=seen.ranges, touched=touched) or removed != found:
        raise ExclusionInUse("Ranges or exclusions changed meanwhile; try again.")
    if SequentialWindow.objects.count() != seen.windows:
        tables.place_in_sequence()
    _require_unused()
    outside = tables.outside() + kept_outside
    free = tables.ahead() + tables.in_spans(Reservation.State.FREE)
    if removed and not request.dry_run:
        trail.note(
            actor=request.actor,
            action="remove_exclusions",
            subject=counted(removed, "number"),
            reason=request.reason,
        )
    tables.drop()
    if request.dry_run:
        transaction.set_rollback(True)
    return Removal(
        removed=removed,
        free=free,
        passed=found - outside - free,
        outside=outside,
        not_excluded=not_excluded,
        dry_run=request.dry_run,
    )


def _require_removable() -> None:
    if published := tables.published():
        raise PublishedStays(
            counted(
                len(published),
                "of the numbers is published by payment providers and stays excluded for good",
                "of the numbers are published by payment providers and stay excluded for good",
            )
            + "; nothing was removed.",
            places=published[:_SHOWN],
        )
    if claimed := tables.cards():
        raise ExclusionInUse(
            counted(len(claimed), "of the numbers is a card", "of the numbers are cards")
            + " and must not be issued once more; nothing was removed.",
            places=claimed[:_SHOWN],
        )


def _require_unused() -> None:
    if held := tables.in_spans(Reservation.State.HELD):
        raise ExclusionInUse(
            counted(held, "of the numbers lies", "of the numbers lie")
            + " in spans that running jobs hold, which have counted on leaving them out; nothing"
            " was removed. Try again when those jobs are done.",
            held=held,
        )
