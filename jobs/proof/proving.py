"""The whole audit: everything that could make a number occur twice, seen at one moment."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from uuid import UUID

from django.db.models import Count, Sum
from django.utils import timezone

from generation import ranges
from generation.models import SLOTS_PER_RANGE, IssuerRange, SequentialWindow
from jobs.models import Job
from jobs.proof import cards, sums
from jobs.proof.blocks import blocks, finished
from jobs.proof.cards import KnownCard
from jobs.proof.working import Task, work
from jobs.work import is_at_rest
from toolkit.refusals import Refusal
from uniqueness.proof import claimed, filters, indexes, pool, structure
from uniqueness.proof.filters import SealedFilters
from uniqueness.proof.findings import Check, Offenders
from uniqueness.proof.moment import one_moment
from uniqueness.proof.scope import Extent
from uniqueness.sharding import half_committed, is_distributed
from uniqueness.slots import WINDOW

_FEW = 200_000  # cards for which other connections are not worth their start
_PART = "looked at only without --range and --job"
_FAST = "left out by --fast"
_NOT_FAST = (Check.CARDS, Check.LUHN, Check.STRUCTURE, Check.FILTERS)
_OF_ALL = (Check.UNIQUE, Check.STRUCTURE, Check.FILTERS)


class NoCommonMoment(Refusal):
    """A distributed ledger may change while it is looked at."""

    code = "not_at_rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What should be there: so many cards in so many finished chunks, of ranges and jobs."""

    cards: int
    chunks: int
    ranges: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What an audit found; `omitted` says why a check was not made."""

    scope: Extent
    fast: bool
    at: datetime
    seconds: float
    totals: Totals
    findings: Offenders
    omitted: dict[Check, str]

    @property
    def failed(self) -> list[Check]:
        """The checks that found something wrong."""
        return [check for check in Check if self.findings.counts[check]]


def prove(
    *,
    scope: Extent,
    fast: bool = False,
    while_minting: bool = False,
    threads: int = 2,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Proof:
    """Check the scope, and say what is wrong with it; jobs may run meanwhile.

    :param fast: do not re-mint, nor read what the cards say
    :param while_minting: prove a distributed ledger although it may change meanwhile
    :param threads: connections used at once
    :param progress: hears how many cards of how many were looked at
    :raises MasterKeyMismatch: before anything else, if the master key is another one
    :raises NoCommonMoment: if the ledger is distributed and cards are or may be made
    """
    ranges.check_master_key()
    if is_distributed() and not while_minting:
        _require_rest(scope)
    started = time.monotonic()
    omitted, found = _structure(scope, fast=fast)
    with one_moment() as snapshot:
        at = timezone.now()
        totals = _totals(scope)
        many = threads if totals.cards > _FEW else 1
        known = _known(scope, fast=fast, layer_4=Check.FILTERS not in omitted)
        for part in work(_tasks(scope, known=known), threads=many, snapshot=snapshot):
            found.merge(part)
            progress(found.cards, totals.cards)
    return Proof(
        scope=scope,
        fast=fast,
        at=at,
        seconds=time.monotonic() - started,
        totals=totals,
        findings=found,
        omitted=omitted,
    )


def prove_cards(*, owner: UUID, progress: Callable[[int], object]) -> Offenders:
    """Make the cards of one job again and compare; see that none is missing, and whose they are.

    :param owner: the job
    :param progress: hears how many cards were looked at
    :raises MasterKeyMismatch: before anything else, if the master key is another one
    """
    ranges.check_master_key()
    scope = Extent(owner=owner)
    known, found = _known(scope, fast=False, layer_4=False), Offenders()
    for block in blocks(scope):
        found.merge(cards.check(block, known=known))
        progress(found.cards)
    return found


def _require_rest(scope: Extent) -> None:
    """See that nothing changes; of one job alone, that it has ended.

    The servers of a distributed ledger show no common moment: a chunk's cards would be seen in some
    shards and not yet in others, which looks like a loss.
    """
    if scope.owner is not None:
        at_rest = not Job.objects.filter(id=scope.owner, finished_at=None).exists()
    else:
        at_rest = is_at_rest()
    if not at_rest:
        raise NoCommonMoment(
            "The ledger lies on several servers, which show no common moment: what is made"
            " meanwhile would look like a loss. Pause the queue (cardgen queue --pause), wait"
            " until no chunk runs, and prove then. `--while-minting` proves all the same; what it"
            " finds may be gone in the next proof."
        )
    if scope.owner is None and half_committed():
        raise NoCommonMoment(
            "Some cards are committed on the coordinator and not yet on every node: some seconds"
            " after the last node is back they are seen (citus.recover_2pc_interval). Prove then,"
            " or after SELECT recover_prepared_transactions() on the coordinator."
        )


def _totals(scope: Extent) -> Totals:
    totals = finished(scope).aggregate(
        cards=Sum("produced", default=0),
        chunks=Count("id"),
        ranges=Count("item__issuer_range", distinct=True),
        jobs=Count("job", distinct=True),
    )
    return Totals(**totals)


def _structure(scope: Extent, *, fast: bool) -> tuple[dict[Check, str], Offenders]:
    """Say which checks are left out, and make the one that needs a transaction of its own."""
    omitted = dict.fromkeys(_NOT_FAST, _FAST) if fast else {}
    if not scope.whole:
        return omitted | dict.fromkeys(_OF_ALL, _PART), Offenders()
    if fast:
        return omitted, Offenders()
    found, why_not = structure.check_structure()
    reasons = {Check.STRUCTURE: why_not, Check.FILTERS: filters.why_not()}
    return {check: reason for check, reason in reasons.items() if reason}, found


def _tasks(scope: Extent, *, known: KnownCard) -> Iterator[Task]:
    queries: list[Task] = [
        partial(pool.check_counters, scope, claims=known.claims),
        partial(pool.check_spans, scope),
        *sums.checks(scope),
    ]
    if scope.whole:
        queries.insert(0, indexes.check_counts)
    return chain(queries, (partial(cards.check, block, known=known) for block in blocks(scope)))


def _known(scope: Extent, *, fast: bool, layer_4: bool) -> KnownCard:
    windows = SequentialWindow.objects.values_list("issuer_range_id", "window")
    per_range = SLOTS_PER_RANGE // WINDOW
    return KnownCard(
        scope=scope,
        fast=fast,
        distributed=is_distributed(),
        ranges=IssuerRange.objects.in_bulk(),
        sequential=frozenset(range_id * per_range + window for range_id, window in windows),
        claims=claimed.load(),
        filters=filters.load() if layer_4 else SealedFilters({}),
    )
