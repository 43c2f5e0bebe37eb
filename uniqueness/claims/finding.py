"""Find the numbers that a caller wants by hand: listed, with an ending, or from a start on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.models import IssuerRange, SequentialWindow
from generation.ranges import slots_of
from toolkit.wording import counted
from uniqueness.claims.searching import Pans, Search, ending, following, unused
from uniqueness.claims.taking import NotClaimable, keep_promises, keep_windows, lock
from uniqueness.slots import WINDOW

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which numbers: those listed, or `count` that end in something or follow a start."""

    numbers: tuple[str, ...] = ()
    ending: str | None = None
    start: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Where the numbers stand (int64 slots of the range), and whether in sequential windows."""

    slots: NDArray[np.int64]
    sequential: bool


def find(issuer_range: IssuerRange, *, wish: Wish, count: int) -> Pans:
    """Find unused numbers, without a lock; it may take seconds.

    :raises NotClaimable: if there are not so many, or one of those listed is not to be had
    """
    if wish.numbers:
        return _listed(issuer_range, wish.numbers)
    if wish.ending is not None:
        found = ending(issuer_range, digits=wish.ending, count=count)
    else:
        found = following(issuer_range, start=wish.start or "", count=count)
    if found.pans.size < count:
        raise _too_few(issuer_range, found=found, count=count)
    return found.pans


def _too_few(issuer_range: IssuerRange, *, found: Search, count: int) -> NotClaimable:
    asked = f"{counted(count, 'was', 'were')} asked for. Nothing was claimed."
    if found.complete:
        return NotClaimable(
            f"Range {issuer_range.name} has only {counted(found.pans.size, 'such unused number')},"
            f" {asked}",
            range=issuer_range.name,
            left=int(found.pans.size),
        )
    return NotClaimable(
        f"Stopped looking after {counted(found.looked_at, 'number')} of range {issuer_range.name};"
        f" unused: {found.pans.size:,}, {asked} Begin at another start, or ask for fewer.",
        range=issuer_range.name,
    )


def _listed(issuer_range: IssuerRange, numbers: tuple[str, ...]) -> Pans:
    pans = np.array([number.encode() for number in numbers], dtype="S32")
    fitting = np.char.str_len(pans) == issuer_range.pan_length
    usable = fitting.copy()
    cut: Pans = pans[fitting].astype(f"S{issuer_range.pan_length}")
    usable[fitting] = unused(issuer_range, cut) if cut.size else False
    if not usable.all():
        told = fitting.copy()
        told[fitting] = unused(issuer_range, cut, imported=False) if cut.size else False
        raise _not_unused(issuer_range, places=np.flatnonzero(~told).tolist())
    return cut


def _not_unused(issuer_range: IssuerRange, *, places: list[int]) -> NotClaimable:
    """Say which numbers are not to be had, but never which of them are imported.

    Those may be somebody's real cards, and are not even counted beside others.
    """
    if not places:
        return NotClaimable(
            f"Not all of the numbers of range {issuer_range.name} are to be had. Nothing was"
            " claimed; ask for others.",
            range=issuer_range.name,
        )
    return NotClaimable(
        counted(len(places), "of the numbers is not an", "of the numbers are not")
        + f" unused {'one' if len(places) == 1 else 'ones'} of range {issuer_range.name}."
        " Nothing was claimed.",
        range=issuer_range.name,
        places=places[:_SHOWN],
    )


def hold(issuer_range: IssuerRange, *, pans: Pans) -> Held | None:
    """Keep all others from the numbers until the transaction ends; None if one was taken meanwhile.

    :raises NotClaimable: if they cannot be claimed together
    """
    lock(issuer_range, slots=slots_of(issuer_range, pans=pans))
    if not unused(issuer_range, pans).all():
        return None
    # Under the lock: the window of a number may count up by now.
    slots = slots_of(issuer_range, pans=pans)
    keep_windows(issuer_range, slots=slots)
    sequential = _in_sequence(issuer_range, slots)
    if not sequential:
        keep_promises(issuer_range, count=slots.size)
    return Held(slots=slots, sequential=sequential)


def _in_sequence(issuer_range: IssuerRange, slots: NDArray[np.int64]) -> bool:
    """Tell whether the slots lie in sequential windows; a job is made in one order only."""
    windows = SequentialWindow.objects.filter(issuer_range=issuer_range)
    inside = np.isin(slots // WINDOW, list(windows.values_list("window", flat=True)))
    if inside.any() and not inside.all():
        raise NotClaimable(
            "Some of the numbers lie in windows kept for sequential cards and some do not: claim"
            " them apart.",
            places=np.flatnonzero(inside).tolist()[:_SHOWN],
        )
    return bool(inside.all())
