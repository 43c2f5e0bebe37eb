"""The reconciler."""

from collections.abc import Iterable
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import control, states, upkeep, work
from jobs.models import Chunk, Job, Status
from jobs.upkeep import reconciling
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.support.threads import at_once
from tests.support.work import LONG, expire_leases
from uniqueness.models import Card, Reservation
from uniqueness.pool import settlement


def bells() -> int:
    """Reconcile and count how often it rang."""
    rung: list[int] = []
    upkeep.reconcile(ring=lambda: rung.append(1))
    return len(rung)


@pytest.fixture(autouse=True)
def two_workers(settings):
    """As many workers as CI has cores."""
    settings.CARDGEN_WORKERS = 2
    settings.CARDGEN_CHUNK_CARDS = 100


def test_nothing_to_do_rings_nobody(db):
    assert bells() == 0


def test_waiting_chunks_ring_as_many_workers_as_are_idle(submit):
    submit(count=500)
    assert bells() == 2
    work.lease_next()
    assert bells() == 1
    work.lease_next()
    assert bells() == 0


def test_one_waiting_chunk_rings_one_worker(submit):
    submit(count=1)
    assert bells() == 1


def test_a_live_lease_is_left_alone(submit):
    submit(count=100)
    lease = work.lease_next()
    bells()
    assert Chunk.objects.get(id=lease.chunk_id).state == "running"


def test_an_expired_lease_is_taken_back_and_rung_for(submit):
    submit(count=100)
    lease = work.lease_next()
    expire_leases()
    assert bells() == 1
    chunk = Chunk.objects.get(id=lease.chunk_id)
    assert (chunk.state, chunk.lease_until) == ("waiting", None)
    assert "went silent" in chunk.error


def test_a_chunk_that_kills_five_workers_fails_its_job_and_no_other(submit):
    poisoned, other = submit(count=100), submit(count=100)
    for _ in range(work.MAX_ATTEMPTS):
        assert work.lease_in(poisoned.id)
        expire_leases()
        bells()
    poisoned.refresh_from_db()
    assert (poisoned.status, poisoned.error_code) == (Status.FAILED, "chunk_failed")
    assert "5 times" in poisoned.error
    work.work(duration=LONG)
    assert Job.objects.get(id=other.id).status == Status.SUCCEEDED


def test_chunks_of_a_failed_job_are_not_worked_on(submit):
    job = submit(count=300)
    Chunk.objects.filter(id=Chunk.objects.first().id).update(state="failed")
    assert bells() == 0
    assert Job.objects.get(id=job.id).status == Status.FAILED
    assert work.lease_next() is None
    assert work.lease_in(job.id) is None


@pytest.mark.django_db(transaction=True)
def test_five_reconcilers_at_once_take_a_chunk_back_once(submit):
    submit(count=100)
    work.lease_next()
    expire_leases()
    assert set(at_once(5, lambda _: bells())) <= {0, 1}
    chunk = Chunk.objects.get()
    assert (chunk.state, chunk.attempts, chunk.epoch) == ("waiting", 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_reconciler_beside_another_returns_at_once(submit):
    submit(count=100)
    with transaction.atomic():
        assert reconciling.alone()
        assert at_once(1, lambda _: bells()) == [0]


def test_a_chunk_taken_long_ago_does_not_count_as_a_busy_worker(submit, settings):
    settings.CARDGEN_WORKERS = 1
    submit(count=200)
    work.lease_next()
    assert bells() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_chunk SET lease_until = lease_until - interval '15 seconds'"
                       " WHERE state = 'running'")  # fmt: skip
    assert bells() == 1


def test_what_a_failed_job_did_not_mint_is_free_again(submit):
    job = submit(count=300)
    work.execute(work.lease_in(job.id))
    states.move(job.id, to=Status.FAILED, error_code="chunk_failed", error="a test")
    bells()
    (used, free) = Reservation.objects.order_by("span")
    assert (used.state, used.issued, free.state, free.owner) == ("used", 100, "free", None)
    assert set(Chunk.objects.values_list("state", flat=True)) == {"done", "dropped"}


def test_a_failed_job_that_is_retried_just_before_it_is_settled_keeps_what_it_holds(
    submit, monkeypatch
):
    job, renew = submit(count=300), settlement.renew
    states.move(job.id, to=Status.FAILED, error_code="chunk_failed", error="a test")

    def retry_first(owners: Iterable[UUID]) -> None:
        control.retry(job, ring=silent, actor=somebody())
        renew(owners)

    monkeypatch.setattr(settlement, "renew", retry_first)
    bells()
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == (Status.SUCCEEDED, 300)


def test_another_job_may_use_the_numbers_that_a_failed_one_left(submit):
    failed = submit(count=300)
    states.move(failed.id, to=Status.FAILED, error_code="chunk_failed", error="a test")
    bells()
    job = submit(range=failed.items.get().issuer_range.name, count=300)
    work.work(duration=LONG)
    assert Chunk.objects.get(job=job, state="done", first_slot=_first(failed))
    assert Card.objects.count() == 300


def _first(job: Job) -> int:
    return Chunk.objects.filter(job=job).order_by("first_slot")[0].first_slot


def test_active_jobs_keep_what_they_hold(submit):
    submit(count=300)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE uniqueness_reservation SET expires_at = now() - interval '1 day'")
    bells()
    assert not settlement.holders(expired=True)
    assert settlement.holders()


def test_finished_jobs_hold_nothing(submit):
    submit(count=300)
    work.work(duration=LONG)
    assert not settlement.holders()


def test_a_job_that_no_card_can_be_made_for_holds_up_no_other(submit, caplog):
    poisoned, other = submit(count=100), submit(count=100)
    Job.objects.filter(id=poisoned.id).update(defect="of-the-future")
    work.work(duration=LONG)
    assert Job.objects.get(id=other.id).status == Status.SUCCEEDED
    chunk = Chunk.objects.get(job=poisoned)
    assert (chunk.state, chunk.attempts) == ("waiting", 1)
    assert chunk.error == "an internal error (ValueError)"
    assert "of-the-future" in caplog.text  # whoever runs this can find the cause
    for _ in range(1, work.MAX_ATTEMPTS):
        Chunk.objects.update(not_before=timezone.now())
        work.work(duration=LONG)
    bells()
    poisoned.refresh_from_db()
    assert (poisoned.status, poisoned.error_code) == (Status.FAILED, "chunk_failed")
