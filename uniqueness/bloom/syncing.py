"""Bring the stored filters and the ledger together: seal, store again, drop what is stale."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from generation.models import IssuerRange
from uniqueness.bloom import store, windows
from uniqueness.bloom.sealing import Sealing, seal
from uniqueness.bloom.store import Stored
from uniqueness.bloom.windows import UsedWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What there is to do.

    :param unsealed: windows that no slot is left in, the lowest first
    :param lost: sealed windows whose filter the server lost, the last sealed first
    :param stale: what no window has a use for
    :param oldest: stored filters, the first sealed first: they make room for those of `unsealed`
    """

    unsealed: list[int]
    lost: list[int]
    stale: list[Stored]
    oldest: list[Stored]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What was done: windows sealed, busy ones left alone, stored filters dropped.

    :param left: windows that wait for the next run
    :param reachable: False if the cache server did not answer: nothing was done
    """

    sealed: int = 0
    busy: int = 0
    dropped: int = 0
    left: int = 0
    reachable: bool = True


def plan(*, issuer_range: IssuerRange | None = None, rebuild: bool = False) -> SyncPlan | None:
    """Compare ledger, rows and server; None if the server does not answer.

    :param rebuild: seal every sealed window again, too
    """
    stored = store.stored()
    if stored is None:
        return None
    used = {window.number: window for window in windows.used(issuer_range=issuer_range)}
    sealed = [window for window in used.values() if window.digest is not None]
    sealed.sort(key=lambda window: (window.sealed_at, window.number), reverse=True)
    there = set(stored)
    kept = [(window.number, f"v{window.version}") for window in sealed]
    mine = stored if issuer_range is None else [key for key in stored if key[0] in used]
    return SyncPlan(
        unsealed=[w.number for w in used.values() if w.passed and w.digest is None],
        lost=[key[0] for key in kept if rebuild or key not in there],
        stale=[key for key in mine if not _useful(used.get(key[0]), name=key[1])],
        oldest=[key for key in reversed(kept) if key in there],
    )


def carry_out(
    planned: SyncPlan, *, seconds: float = math.inf, step: Callable[[], object] = lambda: None
) -> SyncReport:
    """Drop what is stale, then seal windows until the time is up; `step` is called after each.

    The next run goes on. The first one is sealed however late it is, so that each run gets on.
    """
    until = time.monotonic() + seconds
    for window, name in planned.stale:
        store.drop(window=window, name=name)
    wanted = [*planned.unsealed, *planned.lost]
    oldest = list(planned.oldest)
    outcomes: Counter[Sealing] = Counter()
    for place, window in enumerate(wanted):
        if outcomes and time.monotonic() >= until:
            break
        # A filter that was lost is not worth another sealed one.
        more = oldest if place < len(planned.unsealed) else []
        if _has_room(window, more):
            outcomes[seal(window)] += 1
            step()
    sealed = outcomes[Sealing.SEALED]
    return SyncReport(
        sealed=sealed,
        busy=outcomes[Sealing.BUSY],
        dropped=len(planned.stale),
        left=len(wanted) - sealed,
    )


def sync(*, seconds: float) -> SyncReport:
    """Do what there is to do, for about so long."""
    planned = plan()
    return SyncReport(reachable=False) if planned is None else carry_out(planned, seconds=seconds)


def _useful(window: UsedWindow | None, *, name: str) -> bool:
    """Tell whether a stored filter may still be asked for."""
    return window is not None and window.digest is not None and name == f"v{window.version}"


def _has_room(window: int, displaceable: list[Stored]) -> bool:
    """Tell whether its server takes one more filter; if it is full, one of these makes room."""
    room = store.has_room(window)
    if room is not False:
        return bool(room)
    server = store.server_name(window)
    for key in displaceable:
        if store.server_name(key[0]) == server:
            displaceable.remove(key)
            store.drop(window=key[0], name=key[1])
            return True  # the memory is counted as used for a moment more
    return False
