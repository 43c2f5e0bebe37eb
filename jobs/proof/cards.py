"""The cards of a block: whose they are, whether all are there, and whether they are right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation import recipes
from generation.kernel.digits import column
from generation.kernel.digits import rows as bytes_of
from generation.kernel.layout import read_pans
from generation.models import IssuerRange
from generation.months import last_days
from generation.recipes import OTHER_NUMBER, Recipe
from jobs.proof.blocks import Stretch
from jobs.proof.places import Indexes, Places, disputed, places_of
from toolkit.wording import counted
from uniqueness.proof import pool
from uniqueness.proof.claimed import Claims, Owners, owner_columns
from uniqueness.proof.filters import SealedFilters
from uniqueness.proof.findings import SHOWN, Check, Offenders
from uniqueness.proof.rows import Rows, read, read_slots, strays
from uniqueness.proof.scope import Extent
from uniqueness.slots import WINDOW, Span

_READ = 100_000  # rows in memory at once, also of chunks of a million
_APART = 1_000  # so many slots between two chunks are read with them

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownCard:
    """What every block is compared with.

    `sequential` are the windows kept for cards that count up, as packed slot // 10^6.
    `fast`: only slots are looked at, not what the cards say; then `filters` are none.
    `distributed`: no index keeps a slot from having two cards.
    """

    scope: Extent
    fast: bool
    distributed: bool
    ranges: dict[int, IssuerRange]
    sequential: frozenset[int]
    claims: Claims
    filters: SealedFilters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chunks:
    """A block's chunks, column by column; `kinds` are places in the list of `makings`."""

    places: Places
    owners: Owners
    kinds: Indexes
    makings: list[tuple[int, Recipe]]  # id of the range, and recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Batch:
    """N rows, each with the chunk of the block it belongs to."""

    rows: Rows
    whose: Indexes
    chunks: _Chunks


def check(block: Stretch, *, known: KnownCard) -> Offenders:
    """Look at every row of the block's span, and see that none is missing."""
    chunks = _chunks(block)
    found = disputed(block.parts, chunks.places)
    held = np.zeros(len(block.parts), dtype=np.int64)
    filled = block.filled(apart=_APART if known.scope.owner is None else 0)
    for piece in (piece for span in filled for piece in span.pieces(size=_READ)):
        rows = _read(piece, known=known)
        if known.distributed:
            _note_repeated(found, rows.slots)
        whose = chunks.places.chunks_of(rows.slots)
        ours = whose >= 0
        found.cards += len(rows)
        _note(found, Check.PLACES, slots=rows.slots, wrong=~ours)
        batch = _Batch(rows=rows.take(ours), whose=whose[ours], chunks=chunks)
        held += np.bincount(batch.whose, minlength=held.size)
        _check_rows(found, batch, piece=piece, known=known)
    _note_incomplete(found, block, held=held)
    if known.scope.owner is None:
        _note_strays(found, block.between(filled))
    return found


def _chunks(block: Stretch) -> _Chunks:
    numbers: dict[tuple[int, Recipe], int] = {}
    kinds = [numbers.setdefault((part.range_id, part.recipe), len(numbers)) for part in block.parts]
    return _Chunks(
        places=places_of(block.parts),
        owners=owner_columns(b"".join(part.job_id.bytes for part in block.parts)),
        kinds=np.array(kinds, dtype=np.int64),
        makings=list(numbers),
    )


def _read(piece: Span, *, known: KnownCard) -> Rows:
    """Read rows; of one job alone, cards that others claimed in its spans do not count."""
    rows = read_slots(piece) if known.fast else read(piece)
    if known.scope.owner is None:
        return rows
    owner = owner_columns(known.scope.owner.bytes)
    claims = known.claims
    return rows.take(claims.claimed(rows.slots, owners=owner) | ~claims.anybodys(rows.slots))


def _check_rows(found: Offenders, batch: _Batch, *, piece: Span, known: KnownCard) -> None:
    """Look at rows of one window."""
    slots, owners = batch.rows.slots, batch.chunks.owners[batch.whose]
    held = pool.holders(piece).hold(slots, owners=owners)
    held |= known.claims.claimed(slots, owners=owners)
    _note(found, Check.OWNERS, slots=slots, wrong=~held)
    in_sequence = [recipe.sequential for _, recipe in batch.chunks.makings]
    counts_up = np.array(in_sequence, dtype=np.bool_)[batch.chunks.kinds[batch.whose]]
    kept = piece.first // WINDOW in known.sequential
    _note(found, Check.ORDER, slots=slots, wrong=counts_up != kept)
    if not known.fast:
        _compare(found, batch, known=known)
        lacking = known.filters.lack(piece.first // WINDOW, pans=batch.rows.pans)
        _note(found, Check.FILTERS, slots=slots, wrong=lacking)


def _compare(found: Offenders, batch: _Batch, *, known: KnownCard) -> None:
    """Make the cards again, those of one range and recipe at once."""
    kinds = batch.chunks.kinds[batch.whose]
    for kind in np.unique(kinds).tolist():
        range_id, recipe = batch.chunks.makings[kind]
        issuer_range, rows = known.ranges[range_id], batch.rows.take(kinds == kind)
        differs = _differs(rows, issuer_range=issuer_range, recipe=recipe)
        _note(found, Check.CARDS, slots=rows.slots, wrong=differs)
        if recipe.defect not in OTHER_NUMBER:
            fails = _fails_luhn(rows.pans, pan_length=issuer_range.pan_length)
            _note(found, Check.LUHN, slots=rows.slots, wrong=fails)


def _differs(rows: Rows, *, issuer_range: IssuerRange, recipe: Recipe) -> Mask:
    slots = rows.slots - issuer_range.first_slot
    possible = (slots >= 0) & (slots < issuer_range.capacity)
    made = recipes.make(
        issuer_range=issuer_range, slots=np.where(possible, slots, 0), recipe=recipe
    )
    differs: Mask = (
        ~possible
        | (rows.pans != made.pans)
        | (rows.expiries != last_days(made.expiry_months))
        | (rows.cvvs != made.cvvs)
    )
    return differs


def _fails_luhn(pans: NDArray[np.bytes_], *, pan_length: int) -> Mask:
    """Check length and digits too, without any key."""
    digits = bytes_of(pans)
    _, valid = read_pans(column(digits[:, :pan_length]))
    fails: Mask = ~valid | digits[:, pan_length:].any(axis=1)
    return fails


def _note(found: Offenders, check: Check, *, slots: Indexes, wrong: Mask) -> None:
    if wrong.any():
        offenders = np.sort(slots[wrong])
        names = [f"slot {slot}" for slot in offenders[:SHOWN].tolist()]
        found.add(check, names, count=offenders.size)


def _note_repeated(found: Offenders, slots: Indexes) -> None:
    """Name slots with two cards, which only a distributed ledger can have."""
    once, counts = np.unique(slots, return_counts=True)
    names = [f"one slot twice: {slot}" for slot in once[counts > 1][:SHOWN].tolist()]
    found.add(Check.UNIQUE, names, count=slots.size - once.size)


def _note_incomplete(found: Offenders, block: Stretch, *, held: Indexes) -> None:
    produced = np.array([part.produced for part in block.parts], dtype=np.int64)
    wrong = np.flatnonzero(held != produced)
    names = [
        f"chunk {part.chunk_id} of job {part.job_id} counts {counted(part.produced, 'card')}"
        f" and holds {cards}"
        for part, cards in ((block.parts[at], held[at]) for at in wrong[:SHOWN].tolist())
    ]
    found.add(Check.CHUNKS, names, count=wrong.size)


def _note_strays(found: Offenders, gaps: list[Span]) -> None:
    for gap in gaps:
        count, slots = strays(gap)
        found.cards += count
        found.add(Check.PLACES, [f"slot {slot}" for slot in slots], count=count)
