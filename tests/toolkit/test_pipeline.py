"""Statements that travel together, and the statement for a new row."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from jobs.models import Job, Status
from toolkit.pipeline import insertion, together

pytestmark = pytest.mark.django_db


def job_of(user: User) -> Job:
    return Job(owner=user, requested=3, first_month=24_000, months=2, fields=["pan", "cvv"])


@transaction.atomic
def write(*jobs: Job) -> None:
    with together() as send:
        for job in jobs:
            send(*insertion(job))


def test_a_row_is_written_as_the_model_would(user):
    job = job_of(user)
    with transaction.atomic(), together() as send:
        send(*insertion(job, started_at="statement_timestamp()"))
    kept = Job.objects.get(id=job.id)
    assert (kept.owner, kept.requested, kept.fields) == (user, 3, ["pan", "cvv"])
    assert (kept.status, kept.fingerprint) == (Status.QUEUED, b"")
    assert None not in (kept.created_at, kept.started_at)
    assert kept.finished_at is None


def test_answers_are_there_behind_the_block(user):
    with together() as send:
        sums = [send("SELECT %s::int + 1", [number]) for number in range(3)]
        named = send("SELECT %(a)s::text", {"a": "x"})
    assert [found.fetchone() for found in sums] == [(1,), (2,), (3,)]
    assert named.fetchone() == ("x",)


def test_the_first_failure_is_raised_as_djangos_and_nothing_stays(user):
    with pytest.raises(IntegrityError, match="job_asks_for_a_card"):
        write(job_of(user), Job(owner=user, requested=0, first_month=1, months=1), job_of(user))
    assert not Job.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
