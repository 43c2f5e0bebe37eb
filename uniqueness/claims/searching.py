"""Numbers that nobody has: searched where a range has room, without a lock, for some seconds.

Windows without room are jumped over by arithmetic, and the database is asked only about numbers
whose slots may be given away. Whoever takes a number that was found looks again under the lock.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from generation.kernel.layout import write_pans
from generation.kernel.permutation import payloads
from generation.models import IssuerRange, SequentialWindow
from generation.ranges import slots_of, spec
from uniqueness.models import Card, Exclusion, Pool
from uniqueness.pool import free_spans
from uniqueness.slots import WINDOW, SpanIndex

PATIENCE_SECONDS = 5.0
_BLOCK = 50_000  # half the time for each number that 5,000 take
_ASKED = 1_000

Pans = NDArray[np.bytes_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found; not `complete` if it gave up with numbers still to look at."""

    pans: Pans
    looked_at: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room(SpanIndex):
    """Slots of the range that may be given away: those of free spans, and all past the cursor."""

    def has(self, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which of N slots are among them."""
        return self.places(slots) >= 0

    def windows(self, *, size: int) -> NDArray[np.int64]:
        """List the windows that have some, ascending."""
        spans = zip(self.starts // size, -(-self.ends // size), strict=True)
        return np.unique(np.concatenate([np.arange(first, end) for first, end in spans]))


def unused(issuer_range: IssuerRange, pans: Pans, *, imported: bool = True) -> NDArray[np.bool_]:
    """Tell which of N PANs can be claimed: of the range, not issued, excluded, held or given up.

    A slot below the cursor counts as given up unless it lies in a free span: its card may have
    been issued and purged.

    :param imported: whether imported numbers count as excluded
    """
    slots = slots_of(issuer_range, pans=pans)
    known = _known(issuer_range, pans, slots=slots, imported=imported)
    return _room(issuer_range).has(slots) & ~known


def ending(issuer_range: IssuerRange, *, digits: str, count: int) -> Search:
    """Search `count` unused numbers that end in `digits`, in the windows begun first.

    So claims keep together, and leave the other windows to sequential orders. All are of one order
    of windows, for a job is: those of sequential windows only if the others have too few.
    """
    room = _room(issuer_range)
    bases = _bases(issuer_range, room)
    kept = np.isin(room.windows(size=_size(issuer_range)), _sequential(issuer_range))
    until = time.monotonic() + PATIENCE_SECONDS
    found: list[Search] = []
    for some in (bases[~kept], bases[kept]):
        blocks = _ending(issuer_range, digits, bases=some)
        found.append(_search(issuer_range, blocks, room=room, count=count, until=until))
        if found[-1].pans.size >= count:
            break
    return Search(
        pans=max((search.pans for search in found), key=len),
        looked_at=sum(search.looked_at for search in found),
        complete=all(search.complete for search in found),
    )


def following(issuer_range: IssuerRange, *, start: str, count: int) -> Search:
    """Search the first `count` unused numbers from `start` (a PAN's first digits) on, ascending."""
    room = _room(issuer_range)
    blocks = _following(issuer_range, start, bases=_bases(issuer_range, room))
    until = time.monotonic() + PATIENCE_SECONDS
    return _search(issuer_range, blocks, room=room, count=count, until=until)


def _search(
    issuer_range: IssuerRange, blocks: Iterator[Pans], *, room: _Room, count: int, until: float
) -> Search:
    found = np.empty(0, dtype=f"S{issuer_range.pan_length}")
    looked_at = 0
    for block in blocks:
        if time.monotonic() >= until:
            return Search(pans=found, looked_at=looked_at, complete=False)
        looked_at += block.size
        slots = slots_of(issuer_range, pans=block)
        roomy = np.flatnonzero(room.has(slots))
        for start in range(0, roomy.size, _ASKED):
            some = roomy[start : start + _ASKED]
            known = _known(issuer_range, block[some], slots=slots[some])
            found = np.concatenate([found, block[some[~known]]])
            if found.size >= count:
                return Search(pans=found[:count], looked_at=looked_at, complete=True)
    return Search(pans=found, looked_at=looked_at, complete=True)


def _known(
    issuer_range: IssuerRange, pans: Pans, *, slots: NDArray[np.int64], imported: bool = True
) -> NDArray[np.bool_]:
    """Tell which of N PANs, or their slots, have a card or are excluded."""
    packed = (slots + issuer_range.first_slot).tolist()
    texts = [pan.decode() for pan in pans.tolist()]
    cards = Card.objects.filter(Q(pan__in=texts) | Q(slot__in=packed)).values_list("pan", "slot")
    excluded = Exclusion.objects.filter(pan__in=texts).values_list("pan", flat=True)
    if not imported:
        excluded = excluded.exclude(reason=Exclusion.Reason.IMPORTED)
    known = [*excluded, *(pan for pan, _ in cards)]
    return np.isin(texts, known) | np.isin(packed, [slot for _, slot in cards])


def _room(issuer_range: IssuerRange) -> _Room:
    # The cursor last: it only goes up, so without a lock, too, it is past all spans read.
    spans = [free_spans.span_of(row) for row in free_spans.of_range(issuer_range)]
    pool = Pool.objects.filter(issuer_range=issuer_range).first()
    cursor = pool.next_slot if pool else 0
    first = issuer_range.first_slot
    return _Room(
        starts=np.array([*(one.first - first for one in spans), cursor], dtype=np.int64),
        ends=np.array([*(one.end - first for one in spans), issuer_range.capacity], dtype=np.int64),
    )


def _size(issuer_range: IssuerRange) -> int:
    return min(WINDOW, issuer_range.capacity)


def _bases(issuer_range: IssuerRange, room: _Room) -> NDArray[np.int64]:
    """List the first payload (PAN without check digit) of each window with room, by its slots."""
    size = _size(issuer_range)
    slots = room.windows(size=size) * size
    return payloads(spec(issuer_range), slots=slots, sequential=True)[0] if slots.size else slots


def _sequential(issuer_range: IssuerRange) -> list[int]:
    windows = SequentialWindow.objects.filter(issuer_range=issuer_range)
    return list(windows.values_list("window", flat=True))


def _ending(issuer_range: IssuerRange, digits: str, *, bases: NDArray[np.int64]) -> Iterator[Pans]:
    """Yield the windows' numbers with that ending; one payload of ten has the right check digit."""
    size, step = _size(issuer_range), 10 ** (len(digits) - 1)
    tail = int(digits[:-1] or 0)
    if step > size:
        bases = bases[bases % step == tail - tail % size]
    offsets = np.arange(tail % size, size, step, dtype=np.int64)
    windows = -(-_BLOCK // offsets.size)
    for start in range(0, bases.size, windows):
        found = (bases[start : start + windows, np.newaxis] + offsets).ravel()
        for first in range(0, found.size, _BLOCK):
            pans = _pans(found[first : first + _BLOCK], issuer_range.pan_length)
            last = np.ascontiguousarray(pans).view(np.uint8).reshape(pans.size, -1)[:, -1]
            yield pans[last == ord(digits[-1])]


def _following(
    issuer_range: IssuerRange, start: str, *, bases: NDArray[np.int64]
) -> Iterator[Pans]:
    size = _size(issuer_range)
    payload = int(start.ljust(issuer_range.pan_length, "0")[:-1])
    for base in np.sort(bases[bases + size > payload]).tolist():
        for first in range(max(base, payload), base + size, _BLOCK):
            numbers = np.arange(first, min(first + _BLOCK, base + size), dtype=np.int64)
            pans = _pans(numbers, issuer_range.pan_length)
            yield pans[pans >= start.encode()]


def _pans(numbers: NDArray[np.int64], pan_length: int) -> Pans:
    return write_pans(numbers, np.zeros_like(numbers), pan_length=pan_length)
