"""A job says what failed so far, in words, and when it is tried again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from jobs import work
from jobs.models import Chunk, Job
from jobs.watching import retries_of
from tests.support.refusing import break_ledger, mend_ledger


def attempt(job: Job) -> None:
    Chunk.objects.filter(job=job).update(not_before=timezone.now() - timedelta(hours=1))
    lease = work.lease_in(job.id)
    assert lease is not None
    work.execute(lease)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("53100", "the database's disk is full (SQLSTATE 53100)"),
        ("57014", "the database took too long and gave up (SQLSTATE 57014)"),
        ("55P03", "another task held a lock for too long (SQLSTATE 55P03)"),
        ("40P01", "it clashed with another task (deadlock) (SQLSTATE 40P01)"),
        ("57P01", "the database ended the connection (SQLSTATE 57P01)"),
        ("23514", "the database refused a row (SQLSTATE 23514)"),
        ("XX000", "the database reported an error (SQLSTATE XX000)"),
    ],
)
def test_each_failure_has_its_words(api, submit, code, words):
    job = submit(count=10)
    break_ledger(code)
    attempt(job)
    told = api.get(f"/api/v1/cards/jobs/{job.id}").json()["retries"]
    assert (told["max_attempts"], told["last_error"]) == (5, words)


def test_attempts_and_the_next_one_are_told_until_the_job_is_mended(api, submit):
    job = submit(count=10)
    assert api.get(f"/api/v1/cards/jobs/{job.id}").json()["retries"] is None
    break_ledger("53100")
    for _ in range(3):
        attempt(job)
    told = api.get(f"/api/v1/cards/jobs/{job.id}").json()["retries"]
    assert told["attempts"] == 3
    next_at = parse_datetime(told["next_attempt_at"])
    assert next_at == Chunk.objects.get(job=job).not_before
    mend_ledger()
    attempt(job)
    answer = api.get(f"/api/v1/cards/jobs/{job.id}").json()
    assert (answer["status"], answer["produced"], answer["retries"]) == ("succeeded", 10, None)


def test_the_last_attempt_in_vain_fails_the_job_with_the_words(api, submit):
    job = submit(count=10)
    break_ledger("53100")
    for _ in range(work.MAX_ATTEMPTS):
        attempt(job)
    assert Chunk.objects.get(job=job).state == "failed"
    assert api.get(f"/api/v1/cards/jobs/{job.id}").json()["retries"]["next_attempt_at"] is None


def test_a_list_of_jobs_asks_no_more_often_than_one(api, submit, django_assert_max_num_queries):
    several = [submit(count=10) for _ in range(5)]
    break_ledger("53100")
    for job in several:
        attempt(job)
    with django_assert_max_num_queries(2):
        assert retries_of(several).keys() == {job.id for job in several}
    (first, *_) = api.get("/api/v1/cards/jobs").json()["results"]
    assert first["retries"]["attempts"] == 1
