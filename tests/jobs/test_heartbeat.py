"""Processes say that they are alive, with work or without."""

import pytest
from django.db import connection

from jobs import heartbeat, queue
from jobs.queue_models import Role, Worker
from tests import processes
from tests.jobs.test_reconciler import NOBODY, wait_for


@pytest.mark.django_db(transaction=True)
def test_idle_workers_and_reconcilers_are_alive_with_or_without_a_broker(tmp_path):
    with (
        processes.worker(tmp_path / "worker"),
        processes.worker(tmp_path / "lonely", **NOBODY),
        processes.reconciler(tmp_path / "reconciler"),
    ):
        wait_for(lambda: (queue.look().workers, queue.look().reconcilers) == (2, 1))


def test_who_is_silent_for_long_counts_no_more(db):
    heartbeat.beat(Role.WORKER)
    assert queue.look().workers == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_worker SET seen_at = seen_at - interval '31 seconds'")
    assert queue.look().workers == 0


@pytest.mark.django_db(transaction=True)
def test_a_beat_goes_on_until_it_is_stopped():
    stop = heartbeat.start(Role.RECONCILER)
    wait_for(Worker.objects.exists)
    stop.set()
    assert Worker.objects.get().role == Role.RECONCILER
