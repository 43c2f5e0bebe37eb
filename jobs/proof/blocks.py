"""Cut the ledger into blocks: finished chunks that lie together, and the empty slots between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from generation.recipes import Recipe
from jobs.models import Chunk, ChunkState, Job
from uniqueness.proof.scope import Extent
from uniqueness.slots import WINDOW, Span

_SLOTS = 50_000  # enough to make the cost of a query small, few enough to keep in the caches
_FEW = 1_000
_FETCHED = 2_000
_NOT_RECIPE = frozenset(
    {
        *("id", "owner_id", "label", "status", "requested", "produced", "version", "fields"),
        *("error_code", "error", "created_at", "started_at", "progressed_at", "finished_at"),
        *("purged_at", "distinct_last_four"),
    }
)
# A column that jobs get later is read too: leaving one out would re-mint other cards.
_COLUMNS = Job._meta.concrete_fields  # noqa: SLF001 (Django has no other list of them)
_RECIPE = tuple(one.attname for one in _COLUMNS if one.attname not in _NOT_RECIPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A finished chunk; `slots` are its packed slots, if not all of the span."""

    chunk_id: int
    job_id: UUID
    span: Span
    slots: list[int] | None
    produced: int
    range_id: int
    recipe: Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A span of packed slots, with all finished chunks in it; they are of one range."""

    span: Span
    parts: list[Part]

    def filled(self, *, apart: int) -> list[Span]:
        """Join the chunks' spans that are at most so many slots apart."""
        if not self.parts:
            return []
        firsts = np.array([part.span.first for part in self.parts], dtype=np.int64)
        reached = np.maximum.accumulate([part.span.end for part in self.parts])
        breaks = np.flatnonzero(firsts[1:] > reached[:-1] + apart)
        starts = firsts[[0, *(breaks + 1)]].tolist()
        ends = reached[[*breaks, -1]].tolist()
        return [Span(first, end) for first, end in zip(starts, ends, strict=True)]

    def between(self, filled: Sequence[Span]) -> list[Span]:
        """List what the filled spans leave of the block: no finished chunk lies there."""
        ends = [self.span.first, *chain.from_iterable((s.first, s.end) for s in filled)]
        edges = [*ends, self.span.end]
        return [Span(a, b) for a, b in list(pairwise(edges))[::2] if a < b]


def finished(scope: Extent) -> QuerySet[Chunk]:
    """The chunks whose cards are in the ledger."""
    span = scope.span
    chunks = Chunk.objects.filter(
        state=ChunkState.DONE, first_slot__gte=span.first, first_slot__lt=span.end
    )
    return chunks if scope.owner is None else chunks.filter(job_id=scope.owner)


def blocks(scope: Extent) -> Iterator[Stretch]:
    """Yield blocks that together are the scope's span, in order, each with a few chunks."""
    first = scope.span.first
    pending: list[Part] = []
    reached = first
    for part in _parts(scope):
        if pending and part.span.first >= reached and _enough(pending, reached, part):
            yield Stretch(span=Span(first, reached), parts=pending)
            first, pending = reached, []
        pending.append(part)
        reached = max(reached, part.span.end)
    yield Stretch(span=Span(first, max(reached, scope.span.end)), parts=pending)


def _enough(pending: list[Part], reached: int, following: Part) -> bool:
    """Tell whether a block should end: it is large, or the next chunk has little to do with it."""
    first, last = pending[0], pending[-1]
    if following.range_id != last.range_id or reached - first.span.first >= _SLOTS:
        return True
    other_window = following.span.first // WINDOW != last.span.first // WINDOW
    return other_window and len(pending) >= _FEW


def _parts(scope: Extent) -> Iterator[Part]:
    """Stream the chunks in slot order; of many one-card jobs, too, only some are in memory."""
    columns = ("id", "job_id", "first_slot", "end_slot", "slots", "produced")
    rows = finished(scope).values_list(
        *columns, "item__issuer_range_id", *(f"job__{name}" for name in _RECIPE)
    )
    for row in rows.order_by("first_slot", "id").iterator(chunk_size=_FETCHED):
        chunk_id, job_id, first, end, slots, produced, range_id, *made_from = row
        yield Part(
            chunk_id=chunk_id,
            job_id=job_id,
            span=Span(first, end),
            slots=slots,
            produced=produced,
            range_id=range_id,
            recipe=_recipe(tuple(made_from)),
        )


@lru_cache(maxsize=10_000)
def _recipe(values: tuple[Any, ...]) -> Recipe:
    return Job(**dict(zip(_RECIPE, values, strict=True))).recipe
