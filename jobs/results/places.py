"""Places in a job's result, counted from 0, and the cursors that stand for them.

Chunks before a place are passed by their figures. Within its chunk it is arithmetic if all slots
were issued; a chunk with gaps, where numbers were excluded, is read.
"""

from jobs.models import Chunk, ChunkState, Job
from jobs.results.cards import blocks, cursor_of, first_of, lost, parse, require_place


def cursor_at(job: Job, place: int) -> str:
    """Return the cursor of the card before a place, empty for the place before the first.

    :raises ResultChanged: if there are not so many cards any more, or cards were deleted
    """
    before = ""
    for chunk in _chunks(job) if place else ():
        if place <= chunk.produced:
            return _in_chunk(job, chunk, before=before, count=place)
        place -= chunk.produced
        before = cursor_of(chunk.pk, slot=chunk.end_slot - 1)
    if place:
        raise lost()
    return before


def place_of(job: Job, cursor: str) -> int:
    """Count the cards up to a cursor, that of the cursor included.

    :raises InvalidCursor: if it is not one of this job
    :raises ResultChanged: if cards before it were deleted
    """
    if not cursor:
        return 0
    require_place(job, cursor)
    chunk_id, slot = parse(cursor)
    passed, before = 0, ""
    for chunk in _chunks(job, until=chunk_id):
        if chunk.pk == chunk_id and slot < chunk.end_slot - 1:
            return passed + _up_to(job, chunk, before=before, slot=slot)
        passed += chunk.produced
        before = cursor_of(chunk.pk, slot=chunk.end_slot - 1)
    return passed


def _chunks(job: Job, *, until: int | None = None) -> list[Chunk]:
    """Read what is needed to count; slots chosen by hand are many.

    :raises ResultChanged: if cards of one were deleted
    """
    found = Chunk.objects.filter(job=job, produced__gt=0).order_by("id")
    if until is not None:
        found = found.filter(id__lte=until)
    chunks = list(found.only("id", "first_slot", "end_slot", "produced", "state"))
    if any(chunk.state != ChunkState.DONE for chunk in chunks):
        raise lost()
    return chunks


def _in_chunk(job: Job, chunk: Chunk, *, before: str, count: int) -> str:
    if count == chunk.produced:
        return cursor_of(chunk.pk, slot=chunk.end_slot - 1)
    if _is_full(chunk):
        return cursor_of(chunk.pk, slot=chunk.first_slot + count - 1)
    for block in blocks(job, after=before):
        if len(block) >= count:
            return first_of(block, count).cursor
        count -= len(block)
    raise lost()


def _up_to(job: Job, chunk: Chunk, *, before: str, slot: int) -> int:
    if _is_full(chunk):
        return slot - chunk.first_slot + 1
    return sum(map(len, blocks(job, after=before, until=cursor_of(chunk.pk, slot=slot))))


def _is_full(chunk: Chunk) -> bool:
    return chunk.produced == chunk.end_slot - chunk.first_slot
