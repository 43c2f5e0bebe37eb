"""Has this number ever been handed out, and to whom? The layers asked one after another.

Only the database decides. Layer 5 (cache) remembers what is true for ever, layer 4 (filters) says
"no" only where it is certain, layer 3 (pool) knows what nobody has set aside yet. Each spares the
index of the ledger, layer 2, some numbers. With the hints switched off the states are the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE
from generation.ranges import slots_of
from uniqueness.bloom import filters
from uniqueness.cache import answers
from uniqueness.cache.entries import Issued
from uniqueness.check_counters import counters
from uniqueness.models import Exclusion, Pool, Reservation
from uniqueness.owners import owners_of
from uniqueness.placement import packed_slots, ranges_of
from uniqueness.spans import WINDOW

LONGEST_PAN = 19
_ASK_SERVER = 500
"""Above so many numbers the ledger answers before the cache server: 1.9 against 2.7 us for each."""


class State(StrEnum):
    """What a number is to us."""

    ISSUED = "issued"
    PUBLISHED = "published"
    EXCLUDED = "excluded"
    UNISSUED = "unissued"
    UNKNOWN = "unknown"


class Layer(StrEnum):
    """Who knew: layers 5, 4, 3 and 2, the table of exclusions, or mere arithmetic."""

    CACHE = "cache"
    FILTER = "filter"
    POOL = "pool"
    INDEX = "index"
    EXCLUSIONS = "exclusions"
    ARITHMETIC = "arithmetic"


class Finding(NamedTuple):
    """What is known of one number. `slot` is packed; `owner` is the job that has it.

    A tuple, for ten thousand frozen dataclasses take longer to make than the answer to find.
    """

    state: State
    layer: Layer
    slot: int | None = None
    owner: UUID | None = None

    @property
    def range_id(self) -> int | None:
        """The registered range it lies in."""
        return None if self.slot is None else self.slot // SLOTS_PER_RANGE


# One text in place of an array, whose elements the driver would quote one by one.
_CARDS = "SELECT pan, slot FROM uniqueness_ledger WHERE pan = ANY(string_to_array(%s, ','))"
_EXCLUDED = """
    SELECT pan, reason, owner FROM uniqueness_exclusion WHERE pan = ANY(string_to_array(%s, ','))
"""
_STATES = {
    Exclusion.Reason.PUBLISHED: State.PUBLISHED,
    Exclusion.Reason.IMPORTED: State.EXCLUDED,
}


class Excluded(NamedTuple):
    """Why a number is not minted at random; `owner` is the job of a claimed one."""

    reason: str
    owner: UUID | None


def check(numbers: Sequence[str], *, hints: bool = True) -> list[Finding]:
    """Say of each number (ASCII digits) what is known of it, in the order asked.

    :param hints: whether to ask cache and filters; the states are the same without
    """
    found: dict[int, Finding] = {}
    pans = _column(numbers)
    asked = _Asked(numbers=list(numbers), pans=pans, places=np.flatnonzero(pans != b""))
    if hints:
        found |= _remembered(asked)
    asked = asked.without(found)
    found |= _looked_up(asked, hints=hints)
    if hints:
        _remember(asked, found)
    nothing = Finding(state=State.UNKNOWN, layer=Layer.ARITHMETIC)
    findings = [found.get(place, nothing) for place in range(len(numbers))]
    counters.add((finding.layer, finding.state) for finding in findings)
    return findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Numbers still asked for: those at `places` of all; too long ones never are."""

    numbers: list[str]
    pans: NDArray[np.bytes_]
    places: NDArray[np.intp]

    def without(self, found: Iterable[int]) -> "_Asked":
        left = self.places[~np.isin(self.places, list(found))]
        return _Asked(numbers=self.numbers, pans=self.pans, places=left)

    def texts(self) -> list[str]:
        return [self.numbers[place] for place in self.places.tolist()]

    def column(self) -> NDArray[np.bytes_]:
        return self.pans[self.places]


def _column(numbers: Sequence[str]) -> NDArray[np.bytes_]:
    fitting = [number if len(number) <= LONGEST_PAN else "" for number in numbers]
    return np.array(fitting, dtype=f"S{LONGEST_PAN}")


def _remembered(asked: _Asked) -> dict[int, Finding]:
    known = answers.recall(asked.column(), ask_server=asked.places.size <= _ASK_SERVER)
    return {
        int(asked.places[place]): _issued(answer.slot, answer.owner, Layer.CACHE)
        for place, answer in known.items()
    }


def _remember(asked: _Asked, found: dict[int, Finding]) -> None:
    fresh = {
        at: Issued(finding.slot, finding.owner)
        for at, place in enumerate(asked.places.tolist())
        if (finding := found.get(place)) and finding.slot is not None and finding.owner
    }
    if fresh:
        answers.remember(asked.column(), fresh, tell_server=len(fresh) <= _ASK_SERVER)


def _looked_up(asked: _Asked, *, hints: bool) -> dict[int, Finding]:
    """Ask the database, sparing it what filters and cursors know already."""
    if not asked.places.size:
        return {}
    slots = packed_slots(asked.column(), ranges=ranges_of(asked.column()), slots_of=slots_of)
    excluded = _exclusions(asked.texts())
    ahead = _past_the_cursor(slots)
    absent = np.zeros_like(ahead)
    if hints:
        windows = np.where(slots >= 0, slots // WINDOW, -1)
        absent = filters.certainly_absent(windows=windows, pans=asked.column())
    texts = asked.texts()
    probed = [
        text
        for text, skip in zip(texts, (ahead | absent).tolist(), strict=True)
        if not skip or text in excluded
    ]
    issued = _in_ledger(probed, excluded)
    purged = _purged(slots[(slots >= 0) & ~ahead].tolist())
    findings = {}
    for at, (place, text) in enumerate(zip(asked.places.tolist(), texts, strict=True)):
        slot = int(slots[at]) if slots[at] >= 0 else None
        if text in issued:
            findings[place] = issued[text]
        elif text in excluded and excluded[text].owner:
            findings[place] = _issued(slot, excluded[text].owner, Layer.EXCLUSIONS)
        elif slot in purged:
            findings[place] = _issued(slot, purged[slot], Layer.POOL)
        else:
            layer = Layer.POOL if ahead[at] else Layer.FILTER if absent[at] else Layer.INDEX
            findings[place] = _not_issued(slot, excluded.get(text), layer)
    return findings


def _not_issued(slot: int | None, exclusion: Excluded | None, layer: Layer) -> Finding:
    if exclusion is not None:
        state = _STATES[Exclusion.Reason(exclusion.reason)]
        return Finding(state=state, layer=Layer.EXCLUSIONS, slot=slot)
    if slot is None:
        return Finding(state=State.UNKNOWN, layer=Layer.INDEX)
    return Finding(state=State.UNISSUED, layer=layer, slot=slot)


def _issued(slot: int | None, owner: UUID | None, layer: Layer) -> Finding:
    return Finding(state=State.ISSUED, layer=layer, slot=slot, owner=owner)


def _exclusions(texts: list[str]) -> dict[str, Excluded]:
    with connection.cursor() as cursor:
        cursor.execute(_EXCLUDED, [",".join(texts)])
        return {pan: Excluded(reason, owner) for pan, reason, owner in cursor.fetchall()}


def _past_the_cursor(slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which slots nobody has set aside so far; claimed ones are exclusions."""
    ranges = np.unique(slots[slots >= 0] // SLOTS_PER_RANGE)
    cursors = dict(Pool.objects.filter(pk__in=ranges.tolist()).values_list("pk", "next_slot"))
    ahead = np.zeros(slots.size, dtype=np.bool_)
    for pk in ranges.tolist():
        ahead |= (slots >= pk * SLOTS_PER_RANGE + cursors.get(pk, 0)) & (
            slots < (pk + 1) * SLOTS_PER_RANGE
        )
    return ahead


def _in_ledger(texts: list[str], excluded: dict[str, Excluded]) -> dict[str, Finding]:
    if not texts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, [",".join(texts)])
        slots = dict(cursor.fetchall())
    owners = owners_of(slots.values())
    claimers = {pan: row.owner for pan, row in excluded.items() if row.owner}
    return {
        pan: _issued(slot, claimers.get(pan, owners.get(slot)), Layer.INDEX)
        for pan, slot in slots.items()
    }


def _purged(slots: list[int]) -> dict[int, UUID]:
    """Find slots whose cards were deleted: their numbers stay issued, excluded later or not."""
    any_purged = Reservation.objects.filter(purged=True).exists()
    return owners_of(slots, purged=True) if any_purged else {}
