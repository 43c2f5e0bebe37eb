"""Has this number ever been handed out, and to whom? The layers asked one after another.

Only the database decides. Layer 5 (cache) remembers what is true for ever, layer 4 (filters) says
"no" only where it is certain, layer 3 (pool) knows what nobody has set aside yet and which spans
have been issued whole. Each spares the index of the ledger, layer 2, some numbers. With the hints
(cache and filters) switched off the states are the same.

Imported numbers may be somebody's real cards. Who may not see them gets the answer of a number that
nobody has imported, found in the same way: nothing tells the two apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from generation.ranges import slots_of
from toolkit.counters import Counters
from toolkit.database import read_binary
from toolkit.totals import Total
from uniqueness import bloom
from uniqueness.cache import Issued, answers
from uniqueness.check import issued_spans
from uniqueness.check.findings import Findings, Layer, Places, State
from uniqueness.exclusions import outside
from uniqueness.models import Exclusion, Reservation
from uniqueness.pool.owners import owners_of
from uniqueness.sharding import by_shard, is_distributed
from uniqueness.slots import WINDOW, packed_slots, ranges_of

LONGEST_PAN = 19
_MOST_REMEMBERED = 500
"""More numbers at once are not asked of the cache: the pool answers before it has found them."""
# One text in place of an array, whose elements the driver would quote one by one.
_CARDS = "SELECT pan, slot FROM uniqueness_ledger WHERE pan = ANY(string_to_array(%s, ','))"
_EXCLUDED = """
    SELECT pan, reason, owner FROM uniqueness_exclusion WHERE pan = ANY(string_to_array(%s, ','))
"""
_NOT_IMPORTED = f"{_EXCLUDED} AND reason <> 'imported'"
_STATES = {
    Exclusion.Reason.PUBLISHED: State.PUBLISHED,
    Exclusion.Reason.IMPORTED: State.EXCLUDED,
}
_Excluded = tuple[str, str, UUID | None]  # PAN, reason, job of a claimed one
_Card = tuple[str, int]  # PAN, packed slot

FINDINGS = Total(
    name="cardgen_check_findings_total",
    help="Numbers looked up, by the layer that knew and the state.",
    labels=("layer", "state"),
)
counters: Counters[tuple[str, str]] = Counters(tell=FINDINGS.add)
"""Findings, by layer and state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The numbers: as texts, and as a column with nothing in the place of one that is too long."""

    texts: Sequence[str]
    pans: NDArray[np.bytes_]

    def rows(self, query: str, places: Places) -> list[Any]:
        """Ask the database for those numbers."""
        if not places.size:
            return []
        return read_binary(query, [",".join([self.texts[place] for place in places.tolist()])])

    def cards(self, places: Places) -> list[Any]:
        """Ask the ledger for those numbers; each shard of a distributed one for its own."""
        if not is_distributed():
            return self.rows(_CARDS, places)
        groups = by_shard([self.texts[place] for place in places.tolist()]) if places.size else ()
        return [row for group in groups for row in read_binary(_CARDS, [group])]

    def match(self, places: Places, rows: Sequence[tuple[Any, ...]]) -> Places:
        """Tell which of the rows, whose first value is a PAN, belongs to each place; -1: none."""
        if not rows or not places.size:
            return np.full(places.size, -1, dtype=np.intp)
        keys = np.array([row[0] for row in rows], dtype=self.pans.dtype)
        order = np.argsort(keys)
        pans = self.pans[places]
        at = order[np.searchsorted(keys[order], pans).clip(max=keys.size - 1)]
        return np.where(keys[at] == pans, at, -1)


def check(numbers: Sequence[str], *, hints: bool = True, imported: bool = True) -> Findings:
    """Say of each number (ASCII digits) what is known of it, in the order asked.

    :param hints: whether to ask cache and filters; the states are the same without
    :param imported: whether imported numbers are told; without, they are numbers like any other
    """
    fitting = [number if len(number) <= LONGEST_PAN else "" for number in numbers]
    asked = _Asked(texts=numbers, pans=np.array(fitting, dtype=f"S{LONGEST_PAN}"))
    found = Findings(len(numbers))
    found.decide(np.flatnonzero(asked.pans == b""), state=State.UNKNOWN, layer=Layer.ARITHMETIC)
    remembers = hints and len(numbers) <= _MOST_REMEMBERED
    if remembers:
        _recall(asked, found)
    if (left := found.open()).size:
        _look_up(asked, found, hints=hints, excluding=_EXCLUDED if imported else _NOT_IMPORTED)
        if remembers:
            _remember(asked, found, places=left)
    counters.add_all(found.counts())
    return found


def _recall(asked: _Asked, found: Findings) -> None:
    places = found.open()
    known = answers.recall(asked.pans[places])
    at = places[list(known)]
    found.slots[at] = [answer.slot for answer in known.values()]
    found.issue(at, layer=Layer.CACHE, owners=[answer.owner for answer in known.values()])


def _remember(asked: _Asked, found: Findings, *, places: Places) -> None:
    fresh = {
        at: Issued(finding.slot, finding.owner)
        for at, finding in enumerate(found[place] for place in places.tolist())
        if finding.slot is not None and finding.owner
    }
    if fresh:
        answers.remember(asked.pans[places], fresh)


def _look_up(asked: _Asked, found: Findings, *, hints: bool, excluding: str) -> None:
    """Ask the database, sparing the ledger what pool and filters know already."""
    places = found.open()
    pans = asked.pans[places]
    slots = packed_slots(pans, ranges=ranges_of(pans), slots_of=slots_of)
    found.slots[places] = slots
    pool = issued_spans.look_up(slots)
    issued = pool.owner >= 0
    found.issue(places[issued], layer=Layer.POOL, owners=pool.owners, owner=pool.owner[issued])
    excluded = _excluded(asked, found, excluding=excluding)
    ahead = places[pool.ahead]
    ahead = ahead[asked.match(ahead, excluded) < 0]
    found.decide(ahead, state=State.UNISSUED, layer=Layer.POOL)
    if found.open().size:
        _ask_ledger(asked, found, excluded=excluded, hints=hints)


def _excluded(asked: _Asked, found: Findings, *, excluding: str) -> list[_Excluded]:
    """Ask the exclusions; those outside all ranges are kept apart, and are all imported."""
    places = found.open()
    rows: list[_Excluded] = asked.rows(excluding, places)
    pans = asked.pans[places[found.slots[places] < 0]]
    if excluding == _EXCLUDED and pans.size:
        kept = outside.imported(pans)
        rows += [(pan.decode(), Exclusion.Reason.IMPORTED, None) for pan in kept]
    return rows


def _ask_ledger(asked: _Asked, found: Findings, *, excluded: list[_Excluded], hints: bool) -> None:
    """Decide on the rest: what the ledger has was issued, whatever else is said of it."""
    absent = _absent(asked, found, excluded=excluded) if hints else np.empty(0, dtype=np.intp)
    _issued(asked, found, places=np.setdiff1d(found.open(), absent), excluded=excluded)
    _claimed(asked, found, claimed=[row for row in excluded if row[2]])
    _purged(found)
    _kept_out(asked, found, excluded=excluded)
    left = np.intersect1d(absent, found.open())
    found.decide(left, state=State.UNISSUED, layer=Layer.FILTER)
    left = found.open()
    inside = found.slots[left] >= 0
    found.decide(left[inside], state=State.UNISSUED, layer=Layer.INDEX)
    found.decide(left[~inside], state=State.UNKNOWN, layer=Layer.INDEX)


def _absent(asked: _Asked, found: Findings, *, excluded: list[_Excluded]) -> Places:
    """Places of numbers that no ledger row has, by the filters; claimed ones are left to it."""
    places = found.open()
    slots = found.slots[places]
    windows = np.where(slots >= 0, slots // WINDOW, -1)
    absent = bloom.certainly_absent(windows=windows, pans=asked.pans[places])
    return places[absent & (asked.match(places, excluded) < 0)]


def _issued(asked: _Asked, found: Findings, *, places: Places, excluded: list[_Excluded]) -> None:
    """Ask the ledger. A claimed card may lie in another's span: its exclusion says whose it is."""
    cards: list[_Card] = asked.cards(places)
    row = asked.match(places, cards)
    at, hits = places[row >= 0], [cards[one] for one in row[row >= 0].tolist()]
    owners = owners_of(slot for _, slot in cards)
    claimers = {pan: owner for pan, _, owner in excluded if owner}
    found.slots[at] = [slot for _, slot in hits]
    found.issue(
        at,
        layer=Layer.INDEX,
        owners=[claimers.get(pan, owners.get(slot)) for pan, slot in hits],
    )


def _claimed(asked: _Asked, found: Findings, *, claimed: list[_Excluded]) -> None:
    """A claimed number stays issued when its card is purged."""
    places = found.open()
    row = asked.match(places, claimed)
    owners = [claimed[one][2] for one in row[row >= 0].tolist()]
    found.issue(places[row >= 0], layer=Layer.EXCLUSIONS, owners=owners)


def _purged(found: Findings) -> None:
    """Numbers whose cards were deleted stay issued, excluded later or not."""
    if not Reservation.objects.filter(purged=True).exists():
        return
    places = found.open()
    owners = owners_of(found.slots[places][found.slots[places] >= 0].tolist(), purged=True)
    at = places[np.isin(found.slots[places], list(owners))]
    found.issue(at, layer=Layer.POOL, owners=[owners[slot] for slot in found.slots[at].tolist()])


def _kept_out(asked: _Asked, found: Findings, *, excluded: list[_Excluded]) -> None:
    """Say why excluded numbers are not minted."""
    for reason, state in _STATES.items():
        places = found.open()
        rows = [row for row in excluded if row[1] == reason]
        at = places[asked.match(places, rows) >= 0]
        found.decide(at, state=state, layer=Layer.EXCLUSIONS)
