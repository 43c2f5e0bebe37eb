"""The cards of a job, read back from the ledger span by span, in constant memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from generation.batch import Batch
from generation.fields import DEFAULT, FIELDS, Column, check_fields
from jobs.models import FINAL, Chunk, ChunkState, Job
from toolkit.refusals import Mistake, Refusal
from uniqueness import ledger
from uniqueness.sharding import is_distributed
from uniqueness.slots import Span

_CHUNKS_AT_ONCE = 500
# What a slow client holds in memory whatever the size of a chunk: about a megabyte of CSV.
# Measured for 10^6 cards: 0.76 s, as in blocks of 50,000; in blocks of 10,000 0.9 s.
_SLOTS_AT_ONCE = 20_000
_RETRY_SECONDS = 5


class JobUnfinished(Refusal):
    """The job still mints: its result has no end yet."""

    code = "job_unfinished"


class CardsPurged(Refusal):
    """The job's cards were deleted; their numbers stay issued."""

    code = "cards_purged"


class InvalidCursor(Mistake):
    """The place to go on from is not one this API gave out for this job."""

    code = "invalid_cursor"


class ResultChanged(Exception):
    """Cards have gone while they were read: what was sent of the file is not to be trusted."""


class CardsNotSeen(ResultChanged, Refusal):
    """A ledger on several servers shows cards some moments after their job, or lacks a server."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__(
            "Not all cards of this job can be read yet. Try again in a few seconds.",
            retry_after=_RETRY_SECONDS,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Cards of one chunk with what they have in common."""

    chunk_id: int
    batch: Batch

    def __len__(self) -> int:
        return len(self.batch.cards)

    @property
    def cursor(self) -> str:
        """Where to go on after the last card of this block."""
        last = int(self.batch.cards.slots[-1])
        return cursor_of(self.chunk_id, slot=last + self.batch.issuer_range.first_slot)

    def columns(self, fields: Sequence[str]) -> list[Column]:
        """Work out the named fields of every card."""
        return [FIELDS[name].column(self.batch) for name in fields]


def require_cards(job: Job) -> None:
    """Let only jobs pass whose cards are kept.

    :raises CardsPurged: if they were deleted
    """
    if job.purged_at is not None:
        raise CardsPurged(
            f"The cards of this job were deleted on {job.purged_at:%Y-%m-%d}; their numbers are"
            " never handed out again."
        )


def require_final(job: Job) -> None:
    """Let only finished jobs pass whose cards are there.

    :raises JobUnfinished: while the job may still produce cards
    :raises CardsPurged: if they were deleted
    """
    require_cards(job)
    if job.status not in FINAL:
        raise JobUnfinished(
            f"The job is {job.status}: {job.produced} of {job.requested} cards are there."
            " Its status URL tells when it has finished.",
            job_status=job.status,
        )


def blocks(
    job: Job, *, after: str = "", until: str = "", slots: int | None = None
) -> Iterator[Block]:
    """Return the job's issued cards in a fixed order, at most a chunk and `slots` at a time.

    `after` is a cursor to go on from, `until` that of the last card. Nothing stays open in the
    database between two blocks.

    :raises InvalidCursor: at once, if `after` is not a cursor of this job
    :raises ResultChanged: at the end of a chunk whose cards are not all there any more, or not yet
    """
    require_place(job, after)
    end = parse(until) if until else None
    return _blocks(job, begin=parse(after), end=end, slots=slots or _SLOTS_AT_ONCE)


def _blocks(
    job: Job, *, begin: tuple[int, int], end: tuple[int, int] | None, slots: int
) -> Iterator[Block]:
    for chunk in _chunks(job, first=begin[0], last=end[0] if end else None):
        span = _between(chunk, begin=begin, end=end)
        # Slots chosen by hand may lie far apart.
        size = slots if chunk.slots is None else chunk.end_slot
        found = 0
        for piece in span.pieces(size=size):
            block = _block(job, chunk, piece)
            found += len(block)
            if len(block):
                yield block
        if found != chunk.produced if span == chunk.span else not _is_there(chunk):
            raise lost()


def lost() -> ResultChanged:
    """Return what to raise where cards are missing: they have gone, or are not to be seen yet."""
    return CardsNotSeen() if is_distributed() else ResultChanged()


def _between(chunk: Chunk, *, begin: tuple[int, int], end: tuple[int, int] | None) -> Span:
    """The part of the chunk behind the one place, and up to the other."""
    first = max(chunk.first_slot, begin[1] + 1 if chunk.pk == begin[0] else 0)
    return Span(first, end[1] + 1 if end and chunk.pk == end[0] else chunk.end_slot)


def _is_there(chunk: Chunk) -> bool:
    """Tell whether the chunk's cards are kept: they go in the transaction that says so."""
    return Chunk.objects.filter(id=chunk.pk, state=ChunkState.DONE).exists()


def _chunks(job: Job, *, first: int, last: int | None) -> Iterator[Chunk]:
    """Fetch the chunks in pages of their ids: a database cursor would hold on to its connection."""
    found = Chunk.objects.filter(job=job, produced__gt=0).select_related("item__issuer_range")
    if last is not None:
        found = found.filter(id__lte=last)
    while some := list(found.filter(id__gte=first).order_by("id")[:_CHUNKS_AT_ONCE]):
        yield from some
        first = some[-1].pk + 1


def page(
    job: Job, *, after: str = "", until: str = "", limit: int, fields: Sequence[str] = ()
) -> tuple[list[dict[str, Any]], str]:
    """Return up to `limit` cards and the cursor to go on from, empty at the end or at `until`.

    :raises CardsPurged: if they are deleted meanwhile
    """
    with telling_deletion(job):
        return _page(job, after=after, until=until, limit=limit, fields=fields or fields_of(job))


@contextmanager
def telling_deletion(job: Job) -> Iterator[None]:
    """Say of cards that have gone that they were deleted.

    :raises CardsPurged: if they were
    """
    try:
        yield
    except ResultChanged:
        job.refresh_from_db()
        require_final(job)
        raise


def _page(
    job: Job, *, after: str, until: str, limit: int, fields: Sequence[str]
) -> tuple[list[dict[str, Any]], str]:
    found: list[dict[str, Any]] = []
    cursor = ""
    for block in blocks(job, after=after, until=until, slots=limit):
        taken = first_of(block, min(limit - len(found), len(block)))
        found += card_dicts(taken, fields=fields)
        cursor = taken.cursor
        if len(found) == limit:
            return found, cursor if _has_more(job, after=cursor, until=until) else ""
    return found, ""


def fields_of(job: Job) -> tuple[str, ...]:
    """The fields that the order named, else the usual ones."""
    return tuple(job.fields) or DEFAULT


def require_fields(job: Job, fields: Sequence[str]) -> None:
    """Let only fields through that the job's cards can have.

    :raises FieldImpossible: names those that they cannot
    """
    check_fields(fields, defect=job.recipe.defect)


def card_dicts(block: Block, *, fields: Sequence[str]) -> list[dict[str, Any]]:
    """Turn a block into cards with the fields named, in that order."""
    rows = zip(*values(block, fields=fields), strict=True)
    return [dict(zip(fields, row, strict=True)) for row in rows]


def values(block: Block, *, fields: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the fields as lists of Python values, `str` or `int`."""
    for name, column in zip(fields, block.columns(fields), strict=True):
        yield _values(column, count=len(block), number=FIELDS[name].number)


def _values(column: Column, *, count: int, number: bool) -> list[Any]:
    texts = [column] * count if isinstance(column, bytes) else column.tolist()
    return [int(text) if number else text.decode() for text in texts]


def _block(job: Job, chunk: Chunk, span: Span) -> Block:
    issuer_range = chunk.item.issuer_range
    cards = ledger.read(issuer_range=issuer_range, recipe=job.recipe, span=span, only=chunk.slots)
    batch = Batch(issuer_range=issuer_range, cards=cards, recipe=job.recipe)
    return Block(chunk_id=chunk.pk, batch=batch)


def first_of(block: Block, count: int) -> Block:
    """Return the block of its first cards."""
    kept = block.batch.cards.take(np.arange(count))
    return Block(chunk_id=block.chunk_id, batch=replace(block.batch, cards=kept))


def _has_more(job: Job, *, after: str, until: str) -> bool:
    return next(blocks(job, after=after, until=until, slots=1_000), None) is not None


def chunk_ends(job: Job) -> tuple[list[int], list[str]]:
    """Count the cards of each chunk that has any, and name the cursor behind it."""
    chunks = Chunk.objects.filter(job=job, produced__gt=0).order_by("id")
    rows = list(chunks.values_list("id", "end_slot", "produced"))
    cursors = [cursor_of(pk, slot=end - 1) for pk, end, _ in rows]
    return [produced for *_, produced in rows], cursors


def require_place(job: Job, cursor: str) -> None:
    """Let only the beginning and cursors of this job pass.

    :raises InvalidCursor: if it is another
    """
    chunk_id, slot = parse(cursor)
    chunks = Chunk.objects.filter(job=job, id=chunk_id, first_slot__lte=slot, end_slot__gt=slot)
    if cursor and not chunks.exists():
        raise InvalidCursor(f"There is no place {cursor!r} in this job's result.")


def cursor_of(chunk_id: int, *, slot: int) -> str:
    """Return the cursor to go on from behind a card."""
    return f"{chunk_id}.{slot}"


def parse(cursor: str) -> tuple[int, int]:
    """Return the chunk and the slot of a cursor, both 0 of the beginning.

    :raises InvalidCursor: if it is not written so
    """
    if not cursor:
        return 0, 0
    chunk, dot, slot = cursor.partition(".")
    if not (dot and cursor.isascii() and chunk.isdigit() and slot.isdigit() and len(cursor) < 40):
        raise InvalidCursor(f"{cursor[:40]!r} is not a cursor.")
    return int(chunk), int(slot)
