"""The cards of a job, read back from the ledger span by span, in constant memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation import ranges
from generation.errors import Refusal
from generation.kernel.fields import cardholder_names
from generation.kernel.mint import Cards
from generation.models import IssuerRange
from jobs.models import Chunk, Job
from jobs.states import FINAL
from uniqueness import ledger
from uniqueness.spans import Span

FIELDS = ("pan", "scheme", "expiry_month", "expiry_year", "cvv", "cardholder_name", "tier")


class JobUnfinished(Refusal):
    """The job still mints: its result has no end yet."""

    code = "job_unfinished"


class InvalidCursor(Refusal):
    """The place to go on from is not one this API gave out for this job."""

    code = "invalid_cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Cards of one chunk with what they have in common."""

    chunk_id: int
    issuer_range: IssuerRange
    cards: Cards
    names: NDArray[np.bytes_]

    @property
    def cursor(self) -> str:
        """Where to go on after the last card of this block."""
        return f"{self.chunk_id}.{int(self.cards.slots[-1]) + self.issuer_range.first_slot}"


def require_final(job: Job) -> None:
    """Let only finished jobs pass.

    :raises JobUnfinished: while the job may still produce cards
    """
    if job.status not in FINAL:
        raise JobUnfinished(
            f"The job is {job.status}: {job.produced} of {job.requested} cards are there."
            " Its status URL tells when it has finished.",
            job_status=job.status,
        )


def blocks(job: Job, *, after: str = "", slots: int | None = None) -> Iterator[Block]:
    """Yield the job's issued cards in a fixed order, at most one chunk at a time.

    `after` is a cursor to go on from; `slots` cuts blocks smaller than a chunk, for small pages.

    :raises InvalidCursor: if `after` is not a cursor of this job
    """
    chunk_id, slot = _parse(after)
    chunks = Chunk.objects.filter(job=job, produced__gt=0, id__gte=chunk_id).order_by("id")
    found = chunks.select_related("item__issuer_range")
    if after and not found.filter(id=chunk_id, first_slot__lte=slot, end_slot__gt=slot).exists():
        raise InvalidCursor(f"There is no place {after!r} in this job's result.")
    for chunk in found.iterator(chunk_size=500):
        first = max(chunk.first_slot, slot + 1 if chunk.pk == chunk_id else 0)
        for piece in Span(first, chunk.end_slot).pieces(size=slots or chunk.end_slot):
            block = _block(job, chunk, piece)
            if len(block.cards):
                yield block


def page(job: Job, *, after: str = "", limit: int) -> tuple[list[dict[str, Any]], str]:
    """Return up to `limit` cards and the cursor to go on from, empty at the end."""
    found: list[dict[str, Any]] = []
    cursor = ""
    for block in blocks(job, after=after, slots=limit):
        wanted = min(limit - len(found), len(block.cards))
        taken = _first(block, wanted)
        found += card_dicts(taken)
        cursor = taken.cursor
        if len(found) == limit:
            return found, cursor if _has_more(job, cursor) else ""
    return found, ""


def card_dicts(block: Block) -> list[dict[str, Any]]:
    """Turn a block into cards with the fixed field names, in the fixed order."""
    scheme, tier = block.issuer_range.scheme, block.issuer_range.tier
    columns = (block.cards.pans, block.cards.expiry_months, block.cards.cvvs, block.names)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        {
            "pan": pan.decode(),
            "scheme": scheme,
            "expiry_month": month % 12 + 1,
            "expiry_year": month // 12,
            "cvv": cvv.decode(),
            "cardholder_name": name.decode(),
            "tier": tier,
        }
        for pan, month, cvv, name in rows
    ]


def _block(job: Job, chunk: Chunk, span: Span) -> Block:
    issuer_range = chunk.item.issuer_range
    spec = ranges.spec(issuer_range)
    cards = ledger.read(issuer_range=issuer_range, spec=spec, span=span)
    names = cardholder_names(spec, slots=cards.slots, profile=job.profile)
    return Block(chunk_id=chunk.pk, issuer_range=issuer_range, cards=cards, names=names)


def _first(block: Block, count: int) -> Block:
    return Block(
        chunk_id=block.chunk_id,
        issuer_range=block.issuer_range,
        cards=block.cards.take(np.arange(count)),
        names=block.names[:count],
    )


def _has_more(job: Job, cursor: str) -> bool:
    return next(blocks(job, after=cursor, slots=1_000), None) is not None


def _parse(cursor: str) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    chunk, dot, slot = cursor.partition(".")
    if not (dot and cursor.isascii() and chunk.isdigit() and slot.isdigit() and len(cursor) < 40):
        raise InvalidCursor(f"{cursor[:40]!r} is not a cursor.")
    return int(chunk), int(slot)
