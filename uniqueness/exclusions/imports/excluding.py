"""Exclude the numbers of some blocks, in the caller's transaction."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE, IssuerRange
from uniqueness.exclusions.adding import close_gate
from uniqueness.exclusions.imports import staging
from uniqueness.exclusions.imports.doubts import doubts
from uniqueness.exclusions.imports.forms import Block
from uniqueness.exclusions.imports.report import IssuedBefore, Lines
from uniqueness.exclusions.imports.verdicts import LineVerdict
from uniqueness.exclusions.outside import lie_outside, tokens_of
from uniqueness.slots import packed_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """Of `distinct` numbers, `new` are excluded now, and cards have the `issued` ones.

    `differing` ones came with more than one expiry date or CVV. `again` were there before from the
    same source, if that was asked. Since `closed`, of the process' clock, nobody can mint.
    """

    distinct: int
    differing: int
    again: int
    new: int
    issued: int
    cards: IssuedBefore
    closed: float


def exclude_blocks(
    blocks: Iterable[Block],
    *,
    lines: Lines,
    source: str,
    count_again: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Excluded:
    """Exclude the numbers that are neither excluded nor issued; the gate is closed in the end.

    :param lines: counts what is read
    """
    ranges = list(IssuerRange.objects.all())
    with staging.tables():
        touched = _stage(blocks, lines=lines, ranges=ranges)
        tell("comparing")
        distinct, differing = staging.sort_out()
        again = staging.count_from(source) if count_again else 0
        issued = staging.find_issued()
        cards = staging.issued()
        tell("excluding")
        new = staging.add(source=source)
        tell("checking")
        changed = close_gate(known=ranges, touched=touched)
        closed = time.monotonic()
        if late := staging.recheck(ranges_changed=changed):
            cards = staging.issued()
    return Excluded(
        distinct=distinct,
        differing=differing,
        again=again,
        new=new - late,
        issued=issued + late,
        cards=cards,
        closed=closed,
    )


def place(block: Block, *, lines: Lines, ranges: list[IssuerRange]) -> NDArray[np.int64]:
    """Count a block's lines, tell its doubtful numbers, and return the packed slots of all.

    A number that a registered range would mint is a card number, whatever it looks like.
    """
    slots = packed_slots(block.pans, ranges=ranges)
    unplaced = np.flatnonzero(block.verdicts == LineVerdict.VALID)[slots < 0]
    block.verdicts[unplaced] = doubts(block.pans[slots < 0])
    lines.add(block.verdicts, lines=block.lines)
    return slots


def _stage(blocks: Iterable[Block], *, lines: Lines, ranges: list[IssuerRange]) -> set[int]:
    """Copy the numbers into the staging tables; tell which ranges they touch."""
    touched = set[int]()
    for block in blocks:
        slots = place(block, lines=lines, ranges=ranges)
        outside = lie_outside(block.pans, ranges=ranges)
        inside = ~outside
        staging.copy(block.pans[inside], slots=slots[inside], details=block.details[inside])
        staging.copy_outside(tokens_of(block.pans[outside]), details=block.details[outside])
        touched |= set(np.unique(slots[slots >= 0] // SLOTS_PER_RANGE).tolist())
    return touched
