"""`manage.py job`: what an operator sees of jobs, and does to them."""

import pytest

from jobs import states
from jobs.models import Job, Status
from tests.support.commands import run
from uniqueness.models import AuditEntry


@pytest.fixture
def failed(submit):
    job = submit(label="nightly")
    states.move(job.id, to=Status.FAILED, error_code="chunk_failed", error="tried five times")
    return job


def test_the_newest_jobs_are_listed(submit, failed):
    newest = submit()
    lines = run("job").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [str(newest.id), str(failed.id)]
    assert lines[1].endswith("failed      0 of 10  tester  nightly")


def test_only_the_failed_ones(submit, failed):
    submit()
    assert [line.split()[0] for line in run("job", "--failed").stdout.splitlines()] == [
        str(failed.id)
    ]


def test_one_job_says_why_it_failed(failed):
    shown = run("job", str(failed.id)).stdout
    assert "status        failed\n" in shown
    assert "error         chunk_failed: tried five times\n" in shown
    assert "chunks        1 waiting\n" in shown


def test_a_failed_job_is_retried_and_the_trail_says_by_whom(failed):
    done = run("job", str(failed.id), "--retry")
    assert (done.returncode, "status        queued\n" in done.stdout) == (0, True)
    assert Job.objects.get().status == Status.QUEUED
    entry = AuditEntry.objects.get(action="retry_job")
    assert (entry.subject, entry.via) == (str(failed.id), "command")


@pytest.mark.parametrize("move", ["--resume", "--retry"])
def test_what_its_state_does_not_allow_is_refused(submit, move):
    job = submit()
    done = run("job", str(job.id), move)
    assert (done.returncode, Job.objects.get().status) == (3, Status.QUEUED)
    assert "queued" in done.stderr


@pytest.mark.parametrize("options", [["--retry"], ["--failed", "--retry"]])
def test_a_move_without_a_job_is_a_mistake(db, options):
    assert run("job", *options).returncode == 2


def test_a_list_of_one_job_is_a_mistake(failed):
    assert run("job", str(failed.id), "--failed").returncode == 2
