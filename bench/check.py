"""`check` of 10,000 numbers against the plain indexed look-up, over the ledger a job has filled.

Half of each 10,000 were issued, the other half lie in the same range and were not. Our answer tells
state, slot and job; the look-up only finds the rows. No layer has seen the numbers before.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

import numpy as np
from django.db import connection
from django.db.models import Max, Min

from bench.row import Row
from bench.timing import seconds
from generation.kernel.mint import mint
from generation.kernel.spec import Profile
from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.ranges import spec
from jobs.models import Chunk, Job
from uniqueness.bloom import sync
from uniqueness.cache.answers import forget_all
from uniqueness.check import State, check

_BATCH = 10_000
_BATCHES = 15
_PARTS = 3
_LOOK_UP = "SELECT slot, pan FROM uniqueness_ledger WHERE pan = ANY(%s)"


def measure() -> Iterator[Row]:
    """Time both over the same batches, in turns."""
    sync(seconds=60)
    forget_all()
    batches = list(_batches())
    for batch in batches:
        _look_up(batch)  # pages of the index are in memory for both
    plain, ours = _rates((_look_up, _checked), batches)
    yield Row(
        key="check/10,000 numbers",
        name="check of 10,000 numbers",
        against="SELECT ... = ANY on the unique index",
        unit="numbers a second",
        ours=ours,
        theirs=plain,
        aim=2.0,
    )


def _batches() -> Iterator[list[str]]:
    """Draw numbers of the largest job and numbers that nobody has, the same in every run.

    Between the cards of other jobs may lie numbers that a process holds for small orders.
    """
    first, end = _largest_job()
    issuer_range = IssuerRange.objects.get(pk=first // SLOTS_PER_RANGE)
    drawn = np.random.default_rng(7)
    profile = Profile(first_month=2030 * 12, months=1)
    for _ in range(_BATCHES):
        ours = drawn.choice(end - first, size=_BATCH // 2, replace=False) + first
        # No cursor is as far as the middle of such a range.
        others = drawn.integers(issuer_range.capacity // 2, issuer_range.capacity, size=_BATCH // 2)
        slots = drawn.permutation(np.concatenate([ours - issuer_range.first_slot, others]))
        pans = mint(spec(issuer_range), slots=slots, profile=profile).pans
        yield [pan.decode() for pan in pans.tolist()]


def _largest_job() -> tuple[int, int]:
    """Find the packed slots of its only span."""
    job = Job.objects.order_by("-requested", "-created_at")[0]
    ends = Chunk.objects.filter(job=job).aggregate(first=Min("first_slot"), end=Max("end_slot"))
    return ends["first"], ends["end"]


def _look_up(numbers: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [list(numbers)])
        found = len(cursor.fetchall())
    _require(found, numbers)


def _checked(numbers: Sequence[str]) -> None:
    found = check(numbers)
    _require(np.unique(found.slots[found.having(State.ISSUED)]).size, numbers)


def _require(found: int, numbers: Sequence[str]) -> None:
    """Half were issued, less the few that are excluded."""
    if not 0.99 * _BATCH / 2 <= found <= _BATCH / 2:
        raise SystemExit(f"{found} of {len(numbers)} numbers were found issued")


def _rates(
    actions: Sequence[Callable[[Sequence[str]], None]], batches: list[list[str]]
) -> list[list[float]]:
    """Time the actions in turns, batch by batch: what disturbs one disturbs the other."""
    taken = [[seconds(partial(action, batch)) for action in actions] for batch in batches]
    return [_parts(of_one) for of_one in zip(*taken, strict=True)]


def _parts(taken: Sequence[float]) -> list[float]:
    """Give the rate of the batch in the middle, for every third of the batches."""
    return [_BATCH / median(taken[part::_PARTS]) for part in range(_PARTS)]
