"""Purged cards stay in the filters: their numbers are still issued, and known from their slots."""

import numpy as np
import pytest
from django.db import transaction

from jobs import upkeep, work
from jobs.models import Job
from jobs.orders import Origin, claims
from tests.support.fixtures import Submit, an_order
from tests.support.work import LONG
from tests.uniqueness.bloom.cards import pans_of, window_of
from toolkit.valkey.connections import client as cache_client
from uniqueness import bloom
from uniqueness.bloom import sbbf, sealing, sync, windows
from uniqueness.bloom.exporting import Contents, _contents
from uniqueness.bloom.sealing import Sealing, seal
from uniqueness.claims import Wish
from uniqueness.models import Card, Reservation, WindowFilter
from uniqueness.pool import purging


@pytest.fixture
def window(big_range) -> int:
    """The first window of the range that `done` mints in."""
    return window_of(big_range)


@pytest.fixture
def done(submit: Submit, big_range):
    """Mint a job of 300 cards and give it with its numbers."""

    def mint(**order: object) -> tuple[Job, np.ndarray]:
        before = set(Card.objects.values_list("pan", flat=True))
        job = submit(range=big_range.name, count=300, **order)
        work.work(duration=LONG)
        new = set(Card.objects.values_list("pan", flat=True)) - before
        return Job.objects.get(id=job.id), np.array(sorted(new), dtype="S16")

    return mint


def purged(job: Job) -> None:
    assert sum(upkeep.purge_cards(job)) == 300


def holds(found: Contents | None, pans: np.ndarray) -> bool:
    assert found is not None
    return bool(sbbf.contains(np.frombuffer(found.bloom, dtype=np.uint8), pans).all())


@pytest.mark.parametrize("sequential", [False, True])
def test_a_sealed_filter_is_the_same_before_and_after_a_purge(done, window, sequential):
    job, _ = done(sequential=sequential)
    sealing.seal(window)
    before = bytes(WindowFilter.objects.get().digest)
    purged(job)
    assert sync(seconds=60).dropped == 0
    cache_client().flushdb()
    assert _contents(window).complete
    assert seal(window) is Sealing.SEALED
    row = WindowFilter.objects.get()
    assert (bytes(row.digest), row.cards, row.strays) == (before, 300, 0)


def test_an_open_window_has_its_purged_cards(done, window):
    (old, old_pans), (_, new_pans) = done(), done()
    purged(old)
    cache_client().flushdb()
    found = _contents(window)
    assert (found.complete, found.cards) == (False, 600)
    assert holds(found, np.concatenate([old_pans, new_pans]))


def test_cards_that_a_purge_has_not_reached_yet_count_once(done, window):
    (job, pans), _ = done(), done()
    with transaction.atomic():
        purging.mark(job.id)
    Card.objects.filter(pan__in=[pan.decode() for pan in pans[:100]]).delete()
    found = _contents(window)
    assert found.cards == 600
    assert holds(found, pans)


def test_a_window_whose_cards_are_all_purged_is_still_listed(done, big_range, window):
    job, _ = done()
    purged(job)
    assert [used.number for used in bloom.used()] == [window]
    assert [used.number for used in bloom.used(issuer_range=big_range, limit=1)] == [window]
    assert bloom.used(after=window) == []


def test_a_purged_span_over_several_windows_is_listed_and_minted_in_each(big_range, window):
    first = big_range.first_slot + 999_990
    Reservation.objects.create(
        issuer_range=big_range,
        span=(first, first + 1_000_020),
        state="used",
        owner="00000000-0000-0000-0000-000000000001",
        issued=1_000_020,
        purged=True,
    )
    assert [used.number - window for used in bloom.used()] == [0, 1, 2]
    assert [used.number - window for used in bloom.used(after=window, limit=1)] == [1]
    assert [sealing.build(window + number).cards for number in range(3)] == [10, 10**6, 10]


@pytest.fixture
def claimed(user, catalogue, big_range) -> tuple[Job, np.ndarray]:
    """Two numbers of the fourth window that somebody claimed."""
    pans = pans_of(big_range, first=3_000_005, count=2)
    wish = Wish(numbers=tuple(pan.decode() for pan in pans))
    order = an_order(range=big_range.name, count=2)
    return claims.claim(order=order, wish=wish, origin=Origin(owner=user)), pans


def test_purged_claims_stay_in_the_filter_of_their_window(claimed, window):
    job, pans = claimed
    seal(window + 3)
    before = bytes(WindowFilter.objects.get().digest)
    assert sum(upkeep.purge_cards(job)) == 2
    assert not Card.objects.exists()
    assert [used.number for used in bloom.used()] == [window + 3]
    assert bloom.used(after=window + 3) == []
    cache_client().flushdb()
    found = _contents(window + 3)
    assert (found.complete, found.cards) == (True, 2)
    assert holds(found, pans)
    assert seal(window + 3) is Sealing.SEALED
    assert bytes(WindowFilter.objects.get().digest) == before


def test_claims_that_are_not_purged_count_once(claimed, window):
    assert [used.number for used in bloom.used(limit=1)] == [window + 3]
    assert sealing.build(window + 3).cards == 2


def test_a_claim_that_is_purged_while_its_window_is_read_comes_twice_and_not_never(
    claimed, big_range
):
    job, pans = claimed
    found = windows.pans_of(big_range, 3)
    blocks = [next(found)]
    assert sum(upkeep.purge_cards(job)) == 2
    assert sorted(np.concatenate([*blocks, *found])) == sorted([*pans, *pans])
