"""Cards claimed by hand: they lie anywhere, so many checks must know them."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from generation.models import IssuerRange
from generation.ranges import slots_of
from uniqueness.slots import packed_slots

Owners = NDArray[np.uint64]  # N x 2: UUIDs
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claims:
    """N packed slots in which claimed cards lie, ascending, and the jobs that claimed them."""

    slots: NDArray[np.int64]
    owners: Owners

    def claimed(self, slots: NDArray[np.int64], *, owners: Owners) -> Mask:
        """Tell which of the slots were claimed by these owners (one each)."""
        places = self._places(slots)
        same: Mask = (self.owners[places] == owners).all(axis=1)
        return self._found(slots, places) & same

    def anybodys(self, slots: NDArray[np.int64]) -> Mask:
        """Tell which of the slots were claimed by anybody."""
        return self._found(slots, self._places(slots))

    def _places(self, slots: NDArray[np.int64]) -> NDArray[np.intp]:
        # The last place is a sentinel, which no card has.
        return np.minimum(np.searchsorted(self.slots, slots), self.slots.size - 1)

    def _found(self, slots: NDArray[np.int64], places: NDArray[np.intp]) -> Mask:
        found: Mask = self.slots[places] == slots
        return found


def load() -> Claims:
    """Read all claims: 24 bytes each are kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pan, owner FROM uniqueness_exclusion WHERE owner IS NOT NULL")
        rows = cursor.fetchall()
    pans = np.array([pan.encode() for pan, _ in rows], dtype="S19")
    # Where the cards lie: in sequential windows that is not where their exclusions say.
    slots = packed_slots(pans, ranges=IssuerRange.objects.all() if rows else [], slots_of=slots_of)
    owners = owner_columns(b"".join(owner.bytes for _, owner in rows))
    order = np.argsort(slots)
    sentinel = np.iinfo(np.int64).max
    return Claims(
        slots=np.append(slots[order], sentinel),
        owners=np.concatenate([owners[order], np.zeros((1, 2), dtype=np.uint64)]),
    )


def owner_columns(uuids: bytes) -> Owners:
    """Turn N UUIDs of 16 bytes, one after another, into N x 2 numbers."""
    return np.frombuffer(uuids, dtype=">u8").astype(np.uint64).reshape(-1, 2)
