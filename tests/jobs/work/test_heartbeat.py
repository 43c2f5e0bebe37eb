"""Processes say that they are alive, with work or without."""

import pytest
from django.db import connection

from jobs import watching, work
from jobs.models import Role, Worker
from tests.support import processes
from tests.support.waiting import wait_until
from tests.support.work import NOBODY


@pytest.mark.django_db(transaction=True)
def test_idle_workers_and_reconcilers_are_alive_with_or_without_a_broker(tmp_path):
    with (
        processes.worker(tmp_path / "worker"),
        processes.worker(tmp_path / "lonely", **NOBODY),
        processes.reconciler(tmp_path / "reconciler"),
    ):
        wait_until(lambda: (watching.look().workers, watching.look().reconcilers) == (2, 1))


def test_who_is_silent_for_long_counts_no_more(db):
    work.beat(Role.WORKER)
    assert watching.look().workers == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_worker SET seen_at = seen_at - interval '31 seconds'")
    assert watching.look().workers == 0


@pytest.mark.django_db(transaction=True)
def test_a_beat_goes_on_until_it_is_stopped():
    stop = work.keep_beating(Role.RECONCILER)
    wait_until(Worker.objects.exists)
    stop.set()
    assert Worker.objects.get().role == Role.RECONCILER
