"""The reconciler as a process of its own."""

import pytest
from django.utils import timezone

from jobs import reconciler
from jobs.models import Chunk, Job
from tests.support import processes
from tests.support.waiting import wait_until
from tests.support.work import NOBODY, hung_up
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)


def succeeded(job: Job) -> bool:
    return Job.objects.get(id=job.id).status == "succeeded"


def test_without_a_broker_it_finishes_jobs_itself_and_survives_lost_connections(submit, tmp_path):
    first = submit(count=3_000)
    with processes.reconciler(tmp_path / "log", **NOBODY):
        wait_until(lambda: succeeded(first))
        assert hung_up() >= 1
        second = submit(count=3_000)
        wait_until(lambda: succeeded(second))
    assert Card.objects.count() == 6_000


def test_with_a_broker_it_only_rings(submit):
    job = submit(count=3_000)
    assert not reconciler.Turn().once()
    assert Job.objects.get(id=job.id).status == "queued"


def test_bells_that_nobody_answers_are_answered_here(submit):
    job, turn = submit(count=3_000), reconciler.Turn()
    turn.once()
    assert not succeeded(job)
    turn.once()
    assert succeeded(job)


def test_it_leaves_work_to_workers_that_came(submit, settings):
    settings.CARDGEN_CHUNK_CARDS = 1_000
    job, turn = submit(count=3_000), reconciler.Turn()
    turn.once()
    held = Chunk.objects.earliest("id")
    lease = timezone.now() + settings.CARDGEN_LEASE
    Chunk.objects.filter(id=held.id).update(state="running", lease_until=lease)
    turn.once()
    assert Job.objects.get(id=job.id).produced == 0


def test_it_takes_back_what_a_dead_connection_held(submit):
    submit(count=3_000)
    held = {"state": "running", "lease_until": "2100-01-01T00:00Z", "backend_pid": 1}
    Chunk.objects.update(**held, backend_start="2000-01-01T00:00Z")
    reconciler.Turn().once()
    assert Chunk.objects.get().state == "waiting"
