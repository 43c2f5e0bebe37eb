"""Real worker processes, killed with SIGKILL in mid-job: nothing is lost, nothing comes twice."""

import signal

import psutil
import pytest

from jobs import upkeep
from jobs.models import Chunk, Job
from jobs.work import bell
from tests.support.processes import worker
from tests.support.waiting import wait_until
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)
FAST = {"CARDGEN_LEASE_SECONDS": "5", "CARDGEN_SLICE_SECONDS": "2"}
CARDS = 400_000


def running(job: Job) -> bool:
    return Chunk.objects.filter(job=job, state="running").exists()


def kill_with_children(pid: int) -> None:
    family = [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]
    for process in family:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)


def finished(job: Job) -> bool:
    upkeep.reconcile(ring=bell.ring)
    return Job.objects.get(id=job.id).status == "succeeded"


def assert_exact(job: Job) -> None:
    assert Card.objects.count() == Card.objects.values("pan").distinct().count() == CARDS
    assert Job.objects.get(id=job.id).produced == CARDS
    assert not Chunk.objects.exclude(state="done").exists()


def test_a_worker_killed_in_mid_job_costs_no_card(submit, tmp_path, settings):
    settings.CARDGEN_CHUNK_CARDS = 20_000
    job = submit(count=CARDS)
    bell.ring_all()
    with worker(tmp_path / "first.log", **FAST) as first:
        wait_until(lambda: running(job) and Job.objects.get(id=job.id).produced > 0)
        kill_with_children(first.pid)
    assert Job.objects.get(id=job.id).status == "running"
    with worker(tmp_path / "second.log", **FAST):
        wait_until(lambda: finished(job))
    assert_exact(job)


def test_a_pool_child_killed_in_mid_job_costs_no_card(submit, tmp_path, settings):
    settings.CARDGEN_CHUNK_CARDS = 20_000
    job = submit(count=CARDS)
    bell.ring_all()
    with worker(tmp_path / "worker.log", **FAST) as parent:
        wait_until(lambda: running(job) and Job.objects.get(id=job.id).produced > 0)
        for child in psutil.Process(parent.pid).children(recursive=True):
            child.send_signal(signal.SIGKILL)
        wait_until(lambda: finished(job))
    assert_exact(job)


def test_a_worker_that_starts_late_finds_the_job_without_its_bell(submit, tmp_path):
    job = submit(count=1000)
    with worker(tmp_path / "worker.log", **FAST):
        wait_until(lambda: finished(job))
    assert Card.objects.count() == 1000
