"""The reconciler as a process of its own."""

import time

import pytest
from django.db import connection

from jobs import reconciler
from jobs.models import Chunk, Job
from tests import processes
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = {"BROKER_URL": "redis+socket:///nobody/there.sock", "CARDGEN_RECONCILE_SECONDS": "1"}
_HANG_UP = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""


def hung_up() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_HANG_UP)
        return int(cursor.fetchone()[0])


def wait_for(condition, *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def succeeded(job: Job) -> bool:
    return Job.objects.get(id=job.id).status == "succeeded"


def test_without_a_broker_it_finishes_jobs_itself_and_survives_lost_connections(submit, tmp_path):
    first = submit(count=3_000)
    with processes.reconciler(tmp_path / "log", **NOBODY):
        wait_for(lambda: succeeded(first))
        assert hung_up() >= 1
        second = submit(count=3_000)
        wait_for(lambda: succeeded(second))
    assert Card.objects.count() == 6_000


def test_with_a_broker_it_only_rings(submit):
    job = submit(count=3_000)
    assert not reconciler.once()
    assert Job.objects.get(id=job.id).status == "queued"


def test_it_takes_back_what_a_dead_connection_held(submit):
    submit(count=3_000)
    held = {"state": "running", "lease_until": "2100-01-01T00:00Z", "backend_pid": 1}
    Chunk.objects.update(**held, backend_start="2000-01-01T00:00Z")
    reconciler.once()
    assert Chunk.objects.get().state == "waiting"
