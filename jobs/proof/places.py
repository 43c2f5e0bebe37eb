"""Whose is a slot? Slots to finished chunks, many at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.proof.blocks import Part
from uniqueness.proof.findings import SHOWN, Check, Offenders

Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """The slots of a block's chunks: whole spans, and slots listed one by one, both in order.

    A listed slot belongs to the chunk that lists it, though it may lie in another's span: so do
    cards claimed by hand.
    """

    firsts: Indexes
    ends: Indexes
    spanning: Indexes
    listed: Indexes
    listing: Indexes

    def chunks_of(self, slots: Indexes) -> Indexes:
        """Say of each packed slot which chunk of the block it belongs to, -1 for none."""
        found = np.full(slots.size, -1, dtype=np.int64)
        if self.firsts.size:
            at = np.searchsorted(self.firsts, slots, side="right") - 1
            inside = (at >= 0) & (slots < self.ends[at])
            found[inside] = self.spanning[at[inside]]
        if self.listed.size:
            at = np.minimum(np.searchsorted(self.listed, slots), self.listed.size - 1)
            named = self.listed[at] == slots
            found[named] = self.listing[at[named]]
        return found


def places_of(parts: list[Part]) -> Places:
    """Put the slots of the chunks, which come in the order of their spans, into arrays."""
    spanning = [index for index, part in enumerate(parts) if part.slots is None]
    listing = [index for index, part in enumerate(parts) for _ in part.slots or []]
    listed = np.array([slot for part in parts for slot in part.slots or []], dtype=np.int64)
    order = np.argsort(listed, kind="stable")
    return Places(
        firsts=np.array([parts[index].span.first for index in spanning], dtype=np.int64),
        ends=np.array([parts[index].span.end for index in spanning], dtype=np.int64),
        spanning=np.array(spanning, dtype=np.int64),
        listed=listed[order],
        listing=np.array(listing, dtype=np.int64)[order],
    )


def disputed(parts: list[Part], places: Places) -> Offenders:
    """Find slots that two chunks have: spans that overlap, or slots listed twice."""
    found = Offenders()
    reached = np.maximum.accumulate(places.ends)[:-1]
    spans = places.spanning[np.flatnonzero(places.firsts[1:] < reached) + 1]
    lists = places.listing[np.flatnonzero(places.listed[1:] == places.listed[:-1]) + 1]
    again = np.concatenate([spans, lists])
    names = [f"chunk {parts[index].chunk_id} has slots of another chunk" for index in again[:SHOWN]]
    found.add(Check.PLACES, names, count=again.size)
    return found
