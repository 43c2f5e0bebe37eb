"""Where a number stands, and what may not be minted there."""

from uniqueness.slots.excluded import (
    claimed_slots,
    claimed_windows,
    count_excluded,
    end_for,
    excluded_among,
    excluded_slots,
    excluded_unminted,
)
from uniqueness.slots.placement import packed_slots, ranges_of
from uniqueness.slots.span_index import SpanIndex
from uniqueness.slots.spans import WINDOW, Span

__all__ = [
    "WINDOW",
    "Span",
    "SpanIndex",
    "claimed_slots",
    "claimed_windows",
    "count_excluded",
    "end_for",
    "excluded_among",
    "excluded_slots",
    "excluded_unminted",
    "packed_slots",
    "ranges_of",
]
