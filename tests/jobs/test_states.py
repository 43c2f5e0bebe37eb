"""States and the only moves between them."""

from contextlib import nullcontext

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection

from jobs import states
from jobs.models import Job, Status

EVERY_PAIR = [(a, b) for a in Status for b in Status if a != b]


def a_job_that_is(status: Status, *, owner: User) -> Job:
    """A job inserted in a state: the trigger looks at updates only."""
    produced = 10 if status == Status.SUCCEEDED else 0
    return Job.objects.create(
        owner=owner, status=status, requested=10, produced=produced, first_month=24360, months=1
    )


@pytest.mark.parametrize(("source", "target"), EVERY_PAIR)
def test_the_trigger_and_the_table_of_moves_agree(user, source, target):
    a_job_that_is(source, owner=user)
    produced = "requested" if target == Status.SUCCEEDED else "produced"
    allowed = target in states.ALLOWED[source]
    refused = pytest.raises(IntegrityError, match="job_moves_only_as_allowed")
    with nullcontext() if allowed else refused, connection.cursor() as cursor:
        cursor.execute(f"UPDATE jobs_job SET status = '{target}', produced = {produced}")


def test_a_move_says_who_won(submit):
    job = submit()
    assert states.move(job.id, to=Status.RUNNING)
    assert not states.move(job.id, to=Status.RUNNING)


def test_a_move_makes_a_new_version_and_a_time(submit):
    job = submit()
    states.move(job.id, to=Status.FAILED, error_code="x", error="why")
    job.refresh_from_db()
    assert (job.version, job.error_code, job.error) == (2, "x", "why")
    assert job.finished_at is not None


def test_success_needs_every_card(submit):
    job = submit()
    states.move(job.id, to=Status.RUNNING)
    with pytest.raises(IntegrityError, match="job_succeeds_only_when_complete"):
        states.move(job.id, to=Status.SUCCEEDED)
