"""Statements that travel together, and the statement for a new row."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from psycopg import Cursor

from jobs.models import Job, Status
from tests.support.threads import at_once
from toolkit.pipeline import Parts, Send, together

pytestmark = pytest.mark.django_db


def job_of(user: User) -> Job:
    return Job(owner=user, requested=3, first_month=24_000, months=2, fields=["pan", "cvv"])


def send_row(send: Send, job: Job, *, source: str = "one", **expressions: str) -> Cursor[Any]:
    parts = Parts()
    parts.add("one", "SELECT 1 AS number", {})
    parts.add("none", "SELECT WHERE false", {})
    parts.add_row(job, source=source, **expressions)
    return send(*parts.statement("SELECT id FROM job"))


def test_a_row_is_written_as_the_model_would(user):
    job = job_of(user)
    with together() as send:
        answer = send_row(send, job, started_at="statement_timestamp()", produced="number")
    assert answer.fetchall() == [(job.id,)]
    kept = Job.objects.get(id=job.id)
    assert (kept.owner, kept.requested, kept.fields) == (user, 3, ["pan", "cvv"])
    assert (kept.status, kept.fingerprint, kept.produced) == (Status.QUEUED, b"", 1)
    assert None not in (kept.created_at, kept.started_at)
    assert kept.finished_at is None


def test_without_a_row_in_the_source_none_is_written(user):
    with together() as send:
        answer = send_row(send, job_of(user), source="none")
    assert answer.fetchall() == []
    assert not Job.objects.exists()


def test_answers_are_there_behind_the_block(user):
    with together() as send:
        sums = [send("SELECT %s::int + 1", [number]) for number in range(3)]
        named = send("SELECT %(a)s::text", {"a": "x"})
    assert [found.fetchone() for found in sums] == [(1,), (2,), (3,)]
    assert named.fetchone() == ("x",)


def write(*jobs: Job) -> None:
    with together() as send:
        for job in jobs:
            send_row(send, job)


def write_one_wrong(user: User) -> None:
    wrong = Job(owner=user, requested=0, first_month=1, months=1)
    with pytest.raises(IntegrityError, match="job_asks_for_a_card"):
        write(job_of(user), wrong, job_of(user))
    assert not Job.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_the_first_failure_is_raised_as_djangos_and_nothing_stays(user):
    with transaction.atomic():
        write_one_wrong(user)


def test_a_failure_that_is_known_inside_the_block_goes_back_to_the_savepoint(user):
    with transaction.atomic():
        with pytest.raises(DataError, match="zero"), together() as send:
            send("SELECT 1 / %s::int", [0]).fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_the_same_without_a_transaction_around_it(user):
    write_one_wrong(user)


@pytest.mark.django_db(transaction=True)
def test_the_commit_goes_the_same_way(user):
    with together() as send:
        send_row(send, job_of(user))
        assert at_once(1, lambda _: Job.objects.count()) == [0]
    assert at_once(1, lambda _: Job.objects.count()) == [1]


@pytest.mark.django_db(transaction=True)
def test_what_the_commit_refuses_is_raised(user):
    nobodys = job_of(user)
    nobodys.owner_id = 999_999
    with pytest.raises(IntegrityError, match="foreign key"):
        write(nobodys)
    assert not Job.objects.exists()


@transaction.atomic
def ask_too_late() -> None:
    """Let the server hang up: for the driver its words are an InternalError."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
    time.sleep(0.5)
    with together() as send:
        send("SELECT %s::int", [1])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_is_a_passing_fault_whatever_its_last_words():
    with pytest.raises(OperationalError):
        ask_too_late()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
