"""Minting chunks: exactly once, whoever dies or comes late."""

import pytest
from django.db import connection, connections

from jobs import upkeep, work
from jobs.models import Chunk, Job, Status
from jobs.orders import ItemOrder, Origin, accepting
from jobs.work import loop
from jobs.work.leases import Lease
from tests.support.fixtures import an_order, silent
from tests.support.refusing import break_ledger, mend_ledger
from tests.support.slots import exclude_slots
from tests.support.threads import at_once
from tests.support.work import LONG, expire_leases
from uniqueness.errors import RangeExhausted
from uniqueness.models import Card, Reservation


@pytest.fixture(autouse=True)
def small_chunks(settings):
    """Chunks small enough that a test has several."""
    settings.CARDGEN_CHUNK_CARDS = 100


def status(job: Job) -> str:
    return Job.objects.get(id=job.id).status


def test_a_job_ends_with_exactly_the_cards_asked_for(submit):
    job = submit(count=950)
    assert work.work(duration=LONG) is False
    job.refresh_from_db()
    assert (job.status, job.produced) == (Status.SUCCEEDED, 950)
    assert Card.objects.count() == 950


def test_a_job_knows_when_it_ran(submit):
    job = submit()
    work.work(duration=LONG)
    job.refresh_from_db()
    assert job.created_at <= job.started_at <= job.progressed_at <= job.finished_at


def test_each_chunk_makes_a_new_version(submit):
    job = submit(count=300)
    work.execute(work.lease_next())
    assert Job.objects.get(id=job.id).produced == 100
    assert Job.objects.get(id=job.id).version == 3  # started, then one chunk


def test_two_jobs_share_the_worker(submit):
    first, second = submit(count=300), submit(count=300)
    for _ in range(2):
        work.execute(work.lease_next())
    assert {Job.objects.get(id=j.id).produced for j in (first, second)} == {100}


def test_a_late_writer_is_fenced_and_leaves_nothing(submit):
    job = submit(count=100)
    late = work.lease_next()
    expire_leases()
    upkeep.reconcile(ring=silent)
    work.execute(work.lease_next())
    assert status(job) == Status.SUCCEEDED
    work.execute(late)
    assert (status(job), Card.objects.count()) == (Status.SUCCEEDED, 100)


def test_a_late_writer_that_is_first_is_fenced_too(submit):
    job = submit(count=100)
    late = work.lease_next()
    expire_leases()
    upkeep.reconcile(ring=silent)
    current = work.lease_next()
    work.execute(late)
    assert Card.objects.count() == 0
    work.execute(current)
    assert status(job) == Status.SUCCEEDED


def taken_over() -> tuple[Lease, Lease]:
    """A lease that ran out, and the one that somebody else has of the same chunk."""
    late = work.lease_next()
    assert late is not None
    expire_leases()
    upkeep.reconcile(ring=silent)
    Chunk.objects.update(not_before="2020-01-01T00:00:00Z")
    current = work.lease_in(late.job_id)
    assert current is not None
    assert current.chunk_id == late.chunk_id
    return late, current


def test_a_late_writer_is_fenced_as_soon_as_its_chunk_was_taken_back(submit):
    job = submit(count=100)
    late = work.lease_next()
    expire_leases()
    upkeep.reconcile(ring=silent)
    work.execute(late)
    assert Card.objects.count() == 0
    work.work(duration=LONG)
    assert (status(job), Card.objects.count()) == (Status.SUCCEEDED, 100)


def test_what_a_late_writer_fails_at_is_no_failure_of_whoever_has_its_chunk(submit):
    job = submit(count=200)
    late, current = taken_over()
    break_ledger("53100")
    work.execute(late)
    mend_ledger()
    assert Chunk.objects.get(id=late.chunk_id).state == "running"
    work.execute(current)
    work.work(duration=LONG)
    assert status(job) == Status.SUCCEEDED


def test_a_duplicate_that_a_late_writer_meets_stops_no_job(submit):
    job = submit(count=200)
    late, current = taken_over()
    in_its_way = Card.objects.create(slot=late.span.first, pan="1", expiry="2030-01-31", cvv="123")
    work.execute(late)
    assert status(job) == Status.RUNNING
    assert Chunk.objects.get(id=late.chunk_id).state == "running"
    in_its_way.delete()
    work.execute(current)
    work.work(duration=LONG)
    assert status(job) == Status.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_last_chunks_together_finish_the_job_once(submit):
    job = submit(count=1600)
    claims = [work.lease_next() for _ in range(16)]
    assert all(claims)
    at_once(16, lambda number: work.execute(claims[number]))
    job.refresh_from_db()
    assert (job.status, job.produced, Card.objects.count()) == (Status.SUCCEEDED, 1600, 1600)
    assert job.version == 1 + 1 + 16 + 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_never_take_the_same_chunk(submit):
    submit(count=800)
    claims = at_once(8, lambda _: work.lease_next())
    assert len({lease.chunk_id for lease in claims}) == 8


def test_numbers_excluded_after_the_reservation_are_made_up_for(small_range, submit):
    job = submit(range=small_range.name, count=300)
    exclude_slots(small_range, 0, 150, 301)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == (Status.SUCCEEDED, 300)
    slots = set(Card.objects.values_list("slot", flat=True))
    assert slots == {small_range.first_slot + s for s in range(303)} - {
        small_range.first_slot + s for s in (0, 150, 301)
    }


def test_a_small_order_is_made_up_on_the_spot(small_range, user):
    exclude_slots(small_range, 1)
    job = accepting.generate(
        order=an_order(range=small_range.name, count=5), origin=Origin(owner=user)
    )
    assert (job.status, job.produced) == (Status.SUCCEEDED, 5)


def test_a_shortfall_that_cannot_be_made_up_fails_the_job_with_the_reason(small_range, submit):
    job = submit(range=small_range.name, count=1000)
    exclude_slots(small_range, 500)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "range_exhausted")
    assert "0 numbers left" in job.error
    assert Card.objects.count() == job.produced


def test_a_refused_duplicate_stops_the_job_and_no_other(submit):
    job, other = submit(count=100), submit(count=100)
    chunk = Chunk.objects.get(job=job)
    Card.objects.create(slot=chunk.first_slot, pan="1", expiry="2030-01-31", cvv="123")
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.error_code, job.produced) == (Status.FAILED, "duplicate_refused", 0)
    assert status(other) == Status.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_a_failing_database_leaves_the_chunk_for_later_with_the_reason(submit):
    job = submit(count=100)
    lease = work.lease_next()
    blocker = connections.create_connection("default")
    with blocker.cursor() as cursor, connection.cursor() as ours:
        cursor.execute("BEGIN; LOCK TABLE uniqueness_ledger IN ACCESS EXCLUSIVE MODE")
        ours.execute("SET lock_timeout = '50ms'")
        work.execute(lease)
        cursor.execute("ROLLBACK")
        ours.execute("RESET lock_timeout")
    blocker.close()
    chunk = Chunk.objects.get(job=job)
    reason = "another task held a lock for too long (SQLSTATE 55P03)"
    assert (chunk.state, chunk.lease_until, chunk.error) == ("waiting", None, reason)
    assert work.lease_next() is None
    Chunk.objects.update(not_before="2020-01-01T00:00:00Z")
    work.work(duration=LONG)
    assert status(job) == Status.SUCCEEDED


def test_a_small_order_needs_no_worker(catalogue, user):
    job = accepting.generate(order=an_order(count=1000), origin=Origin(owner=user))
    assert (job.status, job.produced, Card.objects.count()) == (Status.SUCCEEDED, 1000, 1000)


def test_a_small_order_whose_process_died_is_finished_by_workers(catalogue, user, monkeypatch):
    class Killed(BaseException):
        """As if the process were gone."""

    def die(_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(loop, "execute", die)
        with pytest.raises(Killed):
            accepting.generate(order=an_order(count=250), origin=Origin(owner=user))
    expire_leases()
    upkeep.reconcile(ring=silent)
    work.work(duration=LONG)
    assert Job.objects.get().status == Status.SUCCEEDED
    assert Card.objects.count() == 250


def test_a_mixed_job_makes_each_item(submit, small_range):
    items = (
        ItemOrder(count=150, scheme="mastercard"),
        ItemOrder(count=7, range=small_range.name),
        ItemOrder(count=20, scheme="visa"),
    )
    job = submit(items=items)
    work.work(duration=LONG)
    assert status(job) == Status.SUCCEEDED
    made = {i.position: sum(c.produced for c in i.chunks.all()) for i in job.items.all()}
    assert made == {0: 150, 1: 7, 2: 20}


def test_a_refused_item_refuses_the_whole_job(submit, small_range):
    items = (ItemOrder(count=10, scheme="visa"), ItemOrder(count=1001, range=small_range.name))
    with pytest.raises(RangeExhausted):
        submit(items=items)
    assert not Job.objects.exists()
    assert not Reservation.objects.exists()
