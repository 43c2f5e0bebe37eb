"""A job's chunks for a picture: a few cells, whatever their number, and who works on which."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Sum

from jobs.models import Chunk, ChunkState

CELLS = 200
_FIRST = (ChunkState.FAILED, ChunkState.RUNNING, ChunkState.WAITING, ChunkState.DROPPED)
"""A cell of several chunks has the state that most wants to be seen."""
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkCell:
    """So many chunks that follow each other; `made` of their `wanted` cards are there."""

    state: str
    chunks: int
    made: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkCount:
    """All chunks of one state: the same as the picture tells, as a row of a table."""

    state: str
    chunks: int
    made: int
    attempts: int


def cells(job_id: UUID) -> list[ChunkCell]:
    """Cut the chunks, in order, into at most `CELLS` cells. One query."""
    rows = list(
        Chunk.objects.filter(job=job_id).order_by("id").values_list("state", "produced", "wanted")
    )
    size = -(-len(rows) // CELLS) or 1
    return [_cell(rows[start : start + size]) for start in range(0, len(rows), size)]


def counts(job_id: UUID) -> list[ChunkCount]:
    """Count the chunks by state. One query."""
    by_state = Chunk.objects.filter(job=job_id).order_by("state").values("state")
    rows = by_state.annotate(chunks=Count("id"), made=Sum("produced"), attempts=Max("attempts"))
    return [ChunkCount(**row) for row in rows]


def in_hand(job_id: UUID) -> list[tuple[str, datetime | None]]:
    """Name the workers that mint for the job now, and until when each has its lease. One query."""
    running = Chunk.objects.filter(job=job_id, state=ChunkState.RUNNING).order_by("id")
    return list(running.values_list("worker", "lease_until")[:_SHOWN])


def _cell(rows: Sequence[tuple[str, int, int]]) -> ChunkCell:
    states = Counter(state for state, *_ in rows)
    shown = next((state for state in _FIRST if states[state]), rows[0][0])
    return ChunkCell(
        state=str(shown),
        chunks=len(rows),
        made=sum(made for _, made, _ in rows),
        wanted=sum(wanted for *_, wanted in rows),
    )
