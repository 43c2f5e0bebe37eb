"""docs/runbooks.md, rehearsed: each trouble is made, then the commands of its section are given."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, connections
from django.utils import timezone

from cardgen import upgrade
from cardgen.access.models import ApiKey
from cardgen.management.commands import migrate
from generation.models import IssuerRange
from jobs import upkeep, work
from jobs.models import Chunk, Job, Role, Status, Worker
from tests.support.commands import run
from tests.support.fixtures import silent
from tests.support.pages import Step, headings, steps
from tests.support.work import LONG, expire_leases
from uniqueness.models import Card

PAGE = "runbooks.md"
REHEARSED = {
    "A job failed",
    "A worker stands still",
    "The disk is nearly full",
    "A range is nearly empty",
    "Valkey is lost",  # in tests/uniqueness/cache/test_warming.py
    "The master key is another one",
    "A unique index refused a card",
    "A clock is wrong",
    "A migration is stuck",
}


@pytest.fixture
def job(submit) -> Job:
    return submit(count=100, label="nightly")


def the_steps(heading: str, job: Job | None = None, **names: str) -> list[Step]:
    return list(steps(PAGE, heading, names | ({"JOB": str(job.id)} if job else {})))


def take(section: list[Step]) -> None:
    for step in section:
        step.take()


def status(job: Job) -> str:
    return Job.objects.get(id=job.id).status


@contextmanager
def idle_in_transaction() -> Iterator[str]:
    """Somebody has read jobs and said nothing since; gives the session's number."""
    other = connections.create_connection("default")
    with closing(other), other.cursor() as theirs:
        theirs.execute("BEGIN")
        theirs.execute("SELECT count(*) FROM jobs_job")
        yield str(other.connection.info.backend_pid)


@contextmanager
def locked_ledger() -> Iterator[None]:
    """Somebody holds the ledger's lock, and we wait for it no longer than 50 ms."""
    other = connections.create_connection("default")
    with other.cursor() as theirs, connection.cursor() as ours:
        theirs.execute("BEGIN; LOCK TABLE uniqueness_ledger IN ACCESS EXCLUSIVE MODE")
        ours.execute("SET lock_timeout = '50ms'")
        yield
        theirs.execute("ROLLBACK")
        ours.execute("RESET lock_timeout")
    other.close()


def test_every_section_is_rehearsed():
    assert set(headings(PAGE)) == REHEARSED


@pytest.mark.django_db(transaction=True)
def test_a_job_failed(job):
    with locked_ledger():
        for _ in range(work.MAX_ATTEMPTS):
            Chunk.objects.update(not_before="2020-01-01T00:00:00Z")
            work.execute(work.lease_in(job.id))
    upkeep.reconcile(ring=silent)
    take(the_steps("A job failed", job))
    work.work(duration=LONG)
    assert status(job) == Status.SUCCEEDED


def test_a_worker_stands_still(job):
    look, after = the_steps("A worker stands still")
    work.lease_in(job.id)
    look.take()
    expire_leases()
    upkeep.reconcile(ring=silent)
    after.take()


def test_the_disk_is_nearly_full(job):
    work.work(duration=LONG)
    Job.objects.update(finished_at=timezone.now() - timedelta(days=31))
    take(the_steps("The disk is nearly full"))
    assert not Card.objects.exists()


def test_a_range_is_nearly_empty(submit, small_range):
    submit(range=small_range.name, count=999)
    take(the_steps("A range is nearly empty", RANGE=small_range.name))


def test_the_master_key_is_another_one(small_range, submit):
    """To the service it is the same whether its key or its database is another one's."""
    submit(range=small_range.name, count=100)
    work.work(duration=LONG)
    look, after = the_steps("The master key is another one")
    right = small_range.key_check_value
    IssuerRange.objects.filter(id=small_range.id).update(key_check_value="000000")
    look.take()
    IssuerRange.objects.filter(id=small_range.id).update(key_check_value=right)
    after.take()


def test_a_unique_index_refused_a_card(job):
    first = Chunk.objects.get().first_slot
    Card.objects.create(slot=first, pan="1", expiry="2030-01-31", cvv="123")
    work.work(duration=LONG)
    take(the_steps("A unique index refused a card", job))
    work.work(duration=LONG)
    assert status(job) == Status.SUCCEEDED


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_clock_is_wrong(api, settings):
    settings.EMBEDDED_DATABASE = False  # nobody serves this VAR
    User.objects.create_superuser("root")
    ApiKey.objects.update(expires_at=timezone.now() + timedelta(minutes=30))
    for role in (Role.WORKER, Role.RECONCILER):
        Worker.objects.create(name=role, role=role, seen_at=timezone.now())
    look, after = the_steps("A clock is wrong")
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
        assert api.get("/api/v1/cards/jobs").status_code == 401
        look.take()
    assert api.get("/api/v1/cards/jobs").status_code == 200
    after.take()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_migration_is_stuck(monkeypatch):
    run("migrate", "jobs", "0009_worker_version")
    monkeypatch.setattr(migrate, "_PATIENCE", 200)
    with idle_in_transaction() as session:
        take(the_steps("A migration is stuck", SESSION=session))
    assert not list(upgrade.steps())
