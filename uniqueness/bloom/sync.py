"""Bring the stored filters and the ledger together: seal, store again, drop what is stale."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from generation.models import IssuerRange
from uniqueness.bloom import store, windows
from uniqueness.bloom.sealing import Outcome, seal
from uniqueness.bloom.windows import UsedWindow

Stored = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
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
class Report:
    """What was done: windows sealed, busy ones left alone, stored filters dropped.

    :param left: windows that wait for the next run
    :param reachable: False if the cache server did not answer: nothing was done
    """

    sealed: int = 0
    busy: int = 0
    dropped: int = 0
    left: int = 0
    reachable: bool = True


def plan(*, issuer_range: IssuerRange | None = None, rebuild: bool = False) -> Plan | None:
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
    stale = stored if issuer_range is None else [key for key in stored if key[0] in used]
    return Plan(
        unsealed=[w.number for w in used.values() if w.passed and w.digest is None],
        lost=[key[0] for key in kept if rebuild or key not in there],
        stale=[key for key in stale if not _useful(used.get(key[0]), name=key[1])],
        oldest=[key for key in reversed(kept) if key in there],
    )


def carry_out(
    planned: Plan, *, limit: int | None = None, step: Callable[[], object] = lambda: None
) -> Report:
    """Drop what is stale, then seal at most `limit` windows; `step` is called after each."""
    for window, name in planned.stale:
        store.drop(window=window, name=name)
    wanted = [*planned.unsealed, *planned.lost]
    displaceable = iter(planned.oldest)
    outcomes: Counter[Outcome] = Counter()
    for place, window in enumerate(wanted[:limit]):
        # A filter that was lost is not worth another one.
        mine = displaceable if place < len(planned.unsealed) else iter(())
        if not _has_room(mine):
            break
        outcomes[seal(window)] += 1
        step()
    sealed = outcomes[Outcome.SEALED]
    return Report(
        sealed=sealed,
        busy=outcomes[Outcome.BUSY],
        dropped=len(planned.stale),
        left=len(wanted) - sealed,
    )


def sync(*, limit: int) -> Report:
    """Do what there is to do, for at most `limit` windows (about a second each)."""
    planned = plan()
    return Report(reachable=False) if planned is None else carry_out(planned, limit=limit)


def _useful(window: UsedWindow | None, *, name: str) -> bool:
    """Tell whether a stored filter may still be asked for."""
    if window is None:
        return False
    return name == f"v{window.version}" or (name == "live" and window.digest is None)


def _has_room(displaceable: Iterator[Stored]) -> bool:
    """Tell whether the server takes one more filter; if it is full, one of these makes room."""
    room = store.has_room()
    if room is False and (oldest := next(displaceable, None)):
        store.drop(window=oldest[0], name=oldest[1])
        return True  # the memory is counted as used for a moment more
    return bool(room)
