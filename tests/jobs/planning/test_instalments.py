"""Large jobs set numbers aside in instalments; what they were promised stays theirs."""

import pytest
from django.db import transaction

from generation.models import IssuerRange
from jobs import control, results, states, upkeep, work
from jobs.models import Chunk, ChunkState, Job, Status
from jobs.orders import ItemOrder
from jobs.planning import TooFewLastFours, cutting
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.support.slots import exclude_slots, left, pans_from
from tests.support.threads import at_once
from tests.support.work import LONG
from toolkit.actor import Actor, Via
from uniqueness.errors import RangeExhausted, ReservationLost
from uniqueness.models import Card, Promise, Reservation
from uniqueness.pool import promises
from uniqueness.pool.capacity import figures_of
from uniqueness.pool.reserving import redeem

SIZE = 100
BOSS = Actor(name="root", via=Via.COMMAND)
NOW, CLAIM = "/api/v1/cards/generate", "/api/v1/cards/claim"


@pytest.fixture(autouse=True)
def small_instalments(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten numbers a chunk and a hundred an instalment."""
    settings.CARDGEN_CHUNK_CARDS = 10
    monkeypatch.setattr(cutting, "instalment", lambda: SIZE)


@pytest.fixture
def large(submit, small_range) -> Job:
    """A job of 800 cards of a range of 1,000."""
    return submit(range=small_range.name, count=800)


def reload(job: Job) -> Job:
    return Job.objects.get(id=job.id)


def held(job: Job) -> int:
    return sum(len(chunk.span) for chunk in Chunk.objects.filter(job=job))


def mint(chunks: int) -> None:
    for _ in range(chunks):
        work.execute(work.lease_next())


def test_a_large_job_sets_one_instalment_aside_and_is_promised_the_rest(large, small_range):
    figures = figures_of([small_range])[small_range.pk]
    assert (held(large), figures.reserved, figures.promised) == (SIZE, SIZE, 700)
    assert figures.left == 200


def test_the_next_one_follows_when_half_is_minted(large):
    mint(4)
    assert held(large) == SIZE
    mint(1)
    assert (held(large), promises.of(large.id)) == (2 * SIZE, 600)


def test_it_is_minted_to_the_end_and_nothing_stays_promised(large, small_range):
    work.work(duration=LONG)
    assert (reload(large).status, Card.objects.count()) == (Status.SUCCEEDED, 800)
    assert not Promise.objects.exists()
    assert left(small_range) == 200
    assert sum(len(block) for block in results.blocks(large)) == 800


def test_nobody_gets_what_was_promised(large, submit, small_range):
    with pytest.raises(RangeExhausted) as refusal:
        submit(range=small_range.name, count=201)
    assert refusal.value.facts["left"] == 200
    submit(range=small_range.name, count=200)
    with pytest.raises(RangeExhausted):
        submit(range=small_range.name, count=1)
    work.work(duration=LONG)
    assert (reload(large).status, Card.objects.count()) == (Status.SUCCEEDED, 1_000)


def test_no_kind_of_order_gets_it(large, submit, api, small_range):
    submit(range=small_range.name, count=190)
    for changes in ({"sequential": True}, {"defect": "luhn"}):
        with pytest.raises(RangeExhausted):
            submit(range=small_range.name, count=11, **changes)
    with pytest.raises(TooFewLastFours):
        submit(range=small_range.name, count=11, distinct_last_four=True)
    body = {"range": small_range.name, "count": 11}
    assert api.post(NOW, body).json()["code"] == "range_exhausted"
    refused = api.post(CLAIM, {**body, "start": small_range.iin})
    assert (refused.status_code, refused.json()["left"]) == (409, 10)
    assert api.post(CLAIM, {**body, "count": 10, "start": small_range.iin}).status_code == 201
    work.work(duration=LONG)
    assert reload(large).status == Status.SUCCEEDED


def test_two_jobs_of_one_range_both_get_all_of_theirs(submit, small_range):
    jobs = [submit(range=small_range.name, count=500) for _ in range(2)]
    work.work(duration=LONG)
    assert {reload(job).status for job in jobs} == {Status.SUCCEEDED}
    assert Card.objects.count() == 1_000


def test_several_items_take_turns(submit, small_range):
    items = (
        ItemOrder(range=small_range.name, count=300),
        ItemOrder(range="400000-16", count=250),
        ItemOrder(range=small_range.name, count=150),
    )
    job = submit(items=items)
    work.work(duration=LONG)
    assert reload(job).status == Status.SUCCEEDED
    made = [
        sum(chunk.produced for chunk in item.chunks.all())
        for item in job.items.order_by("position")
    ]
    assert made == [300, 250, 150]


def test_a_cancelled_job_frees_its_promise(large, small_range):
    mint(3)
    control.cancel(large, actor=somebody())
    upkeep.reconcile(ring=silent)
    assert not Promise.objects.exists()
    assert left(small_range) == 970


def test_a_paused_job_keeps_it_and_goes_on(large, submit, small_range):
    leases = [work.lease_in(large.id) for _ in range(10)]
    control.pause(large, actor=somebody())
    for lease in leases:
        work.execute(lease)
    assert held(large) == 2 * SIZE
    with pytest.raises(RangeExhausted):
        submit(range=small_range.name, count=201)
    control.resume(large, ring=silent, actor=somebody())
    work.work(duration=LONG)
    assert reload(large).status == Status.SUCCEEDED


def test_a_job_that_is_being_cancelled_sets_nothing_more_aside(large):
    leases = [work.lease_in(large.id) for _ in range(10)]
    control.cancel(large, actor=somebody())
    for lease in leases:
        work.execute(lease)
    assert held(large) == SIZE
    assert (reload(large).status, reload(large).produced) == (Status.CANCELLED, 100)


def test_a_failed_job_is_retried_with_all_it_is_short_of(large, small_range):
    mint(7)
    states.move(large.id, to=Status.FAILED, error_code="a_test", error="!")
    upkeep.reconcile(ring=silent)
    assert left(small_range) == 930
    control.retry(reload(large), ring=silent, actor=somebody())
    assert (promises.of(large.id), left(small_range)) == (730 - SIZE, 200)
    work.work(duration=LONG)
    assert (reload(large).status, Card.objects.count()) == (Status.SUCCEEDED, 800)


def test_excluded_numbers_are_made_up_for(large, small_range):
    exclude_slots(small_range, *range(0, 300, 3))
    work.work(duration=LONG)
    assert (reload(large).status, Card.objects.count()) == (Status.SUCCEEDED, 800)
    assert not Promise.objects.exists()


def test_numbers_excluded_after_the_promise_fail_the_job_in_words(large, small_range):
    exclude_slots(small_range, *range(600, 900))
    work.work(duration=LONG)
    job = reload(large)
    assert (job.status, job.error_code) == (Status.FAILED, "range_exhausted")
    upkeep.reconcile(ring=silent)
    assert not Promise.objects.exists()
    assert left(small_range) == 700 - job.produced


def test_after_a_restore_the_promise_stands_on_other_numbers(submit, catalogue):
    job = submit(range="400000-16", count=500)
    mint(2)
    upkeep.advance_cursors(by=1_000, actor=BOSS, reason="a backup was restored")
    assert promises.of(job.id) == 480 - SIZE
    work.work(duration=LONG)
    assert (reload(job).status, Card.objects.count()) == (Status.SUCCEEDED, 500)


def test_a_stock_leaves_the_promise_alone(large, api, small_range):
    taken = [api.post(NOW, {"range": small_range.name, "count": 10}) for _ in range(21)]
    assert [answer.status_code for answer in taken] == [201] * 20 + [409]
    work.work(duration=LONG)
    assert reload(large).status == Status.SUCCEEDED


def test_whoever_was_given_up_redeems_nothing(large, small_range):
    promises.withdraw(large.id)
    with pytest.raises(ReservationLost), transaction.atomic():
        redeem(issuer_range=small_range, count=1, owner=large.id)


def test_a_worker_that_dies_in_between_leaves_nothing_half_planned(large, monkeypatch):
    mint(4)
    lease = work.lease_in(large.id)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Chunk.objects, "bulk_create", die)
        with pytest.raises(KeyboardInterrupt):
            work.execute(lease)
    assert (promises.of(large.id), reload(large).produced) == (700, 40)
    Chunk.objects.filter(id=lease.chunk_id).update(state=ChunkState.WAITING, lease_until=None)
    work.work(duration=LONG)
    assert reload(large).status == Status.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_plan_each_instalment_once(large: Job, small_range: IssuerRange):
    at_once(4, lambda _: work.work(duration=LONG))
    assert (reload(large).status, Card.objects.count()) == (Status.SUCCEEDED, 800)
    assert sum(Chunk.objects.filter(job=large).values_list("wanted", flat=True)) == 800
    assert left(small_range) == 200


@pytest.mark.django_db(transaction=True)
def test_orders_at_once_never_overdraw_the_promises(submit, small_range):
    found = at_once(10, lambda _: submit(range=small_range.name, count=170))
    jobs = [job for job in found if isinstance(job, Job)]
    assert sum(isinstance(job, RangeExhausted) for job in found) == 5
    assert len(jobs) == 5
    work.work(duration=LONG)
    assert {reload(job).status for job in jobs} == {Status.SUCCEEDED}
    assert Reservation.objects.filter(state="held").count() == 0


def test_small_jobs_are_set_aside_whole(submit, small_range):
    job = submit(range=small_range.name, count=SIZE)
    assert (held(job), promises.of(job.id)) == (SIZE, 0)


def test_pans_of_instalments_are_those_of_the_slots(large, small_range):
    work.work(duration=LONG)
    made = set(Card.objects.values_list("pan", flat=True))
    assert made == set(pans_from(small_range, 0, 800))
