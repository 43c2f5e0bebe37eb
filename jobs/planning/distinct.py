"""Cards whose last four digits all differ within a job, for tests that tell cards apart by them.

Slots are taken in order and kept if their last four digits are new; the others stay unused. For
10,000 different ones about 98,000 slots are looked at (the coupon collector's problem), a small
part of one window.
"""

from collections.abc import Iterator

import numpy as np

from generation.kernel.formats import last_fours
from generation.kernel.mint import span
from generation.models import IssuerRange
from generation.recipes import Recipe, make
from jobs.models import Item
from toolkit.refusals import Refusal
from toolkit.wording import counted
from uniqueness.pool import remaining
from uniqueness.pool.reserving import next_slot, reserve_slots
from uniqueness.slots import Span, excluded_slots

MOST = 10_000
_BLOCK = 20_000
_MOST_LOOKED_AT = 500_000


class TooFewLastFours(Refusal):
    """The range has not enough numbers left whose last four digits differ."""

    code = "too_few_last_fours"


def choose(item: Item, *, count: int, recipe: Recipe, seen: set[bytes]) -> tuple[Span, list[int]]:
    """Reserve a span with `count` numbers whose last four digits are new; return their slots too.

    Runs inside the caller's transaction. `seen` grows by the last fours chosen. Slots are packed.

    :raises TooFewLastFours: if the range runs out first
    """
    issuer_range = item.issuer_range
    first = next_slot(issuer_range)
    chosen: list[int] = []
    for slot, last_four in _offered(issuer_range, first=first, recipe=recipe):
        if last_four not in seen:
            seen.add(last_four)
            chosen.append(slot)
            if len(chosen) == count:
                break
    if len(chosen) < count:
        raise TooFewLastFours(
            f"Range {issuer_range.name} has only {counted(len(chosen), 'number')} left with new"
            f" last four digits, {counted(count, 'was', 'were')} asked for.",
            range=issuer_range.name,
            left=len(chosen),
        )
    size = chosen[-1] + 1 - issuer_range.first_slot - first
    return reserve_slots(issuer_range=issuer_range, count=size, owner=item.job_id), chosen


def last_fours_of(issuer_range: IssuerRange, *, slots: list[int], recipe: Recipe) -> set[bytes]:
    """The last four digits of the numbers in these packed slots."""
    inside = np.array(slots, dtype=np.int64) - issuer_range.first_slot
    cards = make(issuer_range=issuer_range, slots=inside, recipe=recipe)
    return set(last_fours(cards.pans).tolist())


def _offered(
    issuer_range: IssuerRange, *, first: int, recipe: Recipe
) -> Iterator[tuple[int, bytes]]:
    """Yield packed slots from `first` on, less the excluded ones, with their last four digits."""
    end = min(issuer_range.capacity, first + min(_MOST_LOOKED_AT, remaining.most(issuer_range)))
    for start in range(first, end, _BLOCK):
        slots = span(start, min(_BLOCK, end - start))
        packed = slots + issuer_range.first_slot
        excluded = excluded_slots(Span(int(packed[0]), int(packed[-1]) + 1))
        cards = make(issuer_range=issuer_range, slots=slots, recipe=recipe)
        kept = ~np.isin(packed, excluded)
        yield from zip(packed[kept].tolist(), last_fours(cards.pans)[kept].tolist(), strict=True)
