"""Away for minutes is not failure: an outage of the database costs no attempt."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from jobs import reconciler, upkeep, work
from jobs.models import Chunk, Job
from tests.support.fixtures import silent
from tests.support.refusing import break_ledger, mend_ledger
from tests.support.work import LONG
from uniqueness.models import Card

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MOVED = "could not find valid entry for shard 102008"


@pytest.fixture
def job(submit) -> Job:
    return submit(count=10)


def be_due() -> None:
    Chunk.objects.update(not_before=timezone.now() - timedelta(hours=1))


def chunk() -> tuple[str, int]:
    found = Chunk.objects.get()
    return found.state, found.attempts


def attempt(job: Job) -> None:
    be_due()
    lease = work.lease_in(job.id)
    assert lease is not None
    work.execute(lease)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("08006", "no"),
        ("57P01", "terminating connection due to administrator command"),
        ("57P03", "the database system is starting up"),
        ("53300", "sorry, too many clients already"),
        ("25006", "cannot execute COPY FROM in a read-only transaction"),
        ("XX000", "terminating connection due to administrator command"),
        ("XX000", "connection to the remote node 10.0.0.1:5432 failed"),
        ("XX000", MOVED),
        ("XX000", "the database system is shutting down"),
    ],
)
def test_an_outage_gives_the_attempt_back(job, code, words):
    break_ledger(code, words)
    for _ in range(work.MAX_ATTEMPTS + 1):
        attempt(job)
    assert chunk() == ("waiting", 0)
    mend_ledger()
    attempt(job)
    assert Job.objects.get().status == "succeeded"


def test_cards_that_meet_a_moving_shard_are_made_again_at_once(job):
    break_ledger("XX000", MOVED, times=1)
    attempt(job)
    assert chunk() == ("done", 1)
    assert Card.objects.count() == 10


def test_a_server_that_is_away_gets_a_moment(job):
    break_ledger("08006", times=1)
    attempt(job)
    assert chunk() == ("waiting", 0)


@pytest.mark.parametrize(("times", "answered"), [(1, 201), (2, 202)])
def test_a_small_order_that_meets_a_moving_shard_is_answered_with_its_cards(
    api, small_range, times, answered
):
    break_ledger("XX000", MOVED, times=times)
    answer = api.post(
        "/api/v1/cards/generate", {"range": small_range.name, "count": 5}, format="json"
    )
    assert answer.status_code == answered
    assert len(answer.json().get("cards", [])) == Card.objects.count()
    assert Card.objects.count() == (5 if answered == 201 else 0)


@pytest.mark.parametrize("code", ["53100", "57014", "40P01", "XX000", "22000"])
def test_what_is_no_outage_uses_its_attempts_up(job, code):
    break_ledger(code)
    for _ in range(work.MAX_ATTEMPTS):
        attempt(job)
    assert chunk() == ("failed", work.MAX_ATTEMPTS)


def test_a_duplicate_that_lost_its_sqlstate_stops_the_job(job):
    break_ledger("XX000", "duplicate key value violates unique constraint one_card_per_pan_102013")
    attempt(job)
    assert Job.objects.get().error_code == "duplicate_refused"


def test_a_chunk_held_when_the_server_was_started_anew_has_its_attempt_back(job):
    work.lease_in(job.id)
    Chunk.objects.update(attempts=work.MAX_ATTEMPTS, backend_start=LONG_AGO)
    upkeep.reconcile(ring=silent)
    assert chunk() == ("waiting", work.MAX_ATTEMPTS - 1)


def test_so_has_one_leased_through_a_pooler(job, settings):
    settings.CARDGEN_POOLED = True
    work.lease_in(job.id)
    Chunk.objects.update(attempts=work.MAX_ATTEMPTS, lease_until=LONG_AGO)
    upkeep.reconcile(ring=silent)
    assert chunk() == ("waiting", work.MAX_ATTEMPTS - 1)


def test_a_chunk_held_when_the_reconciler_lost_the_server_has_its_attempt_back(job):
    """As after a promotion: the new server has been up for long, and knows no connection."""
    leave_behind(job)
    upkeep.reconcile(ring=silent, away_until=timezone.now())
    assert chunk() == ("waiting", 0)


def test_a_worker_that_dies_after_an_outage_costs_an_attempt(job):
    away_until = timezone.now() - timedelta(seconds=1)
    leave_behind(job)
    upkeep.reconcile(ring=silent, away_until=away_until)
    assert chunk() == ("waiting", 1)


def test_a_chunk_that_meets_an_outage_each_time_fails_its_job_and_no_other(job, submit):
    break_ledger("57P02", "terminating connection because of crash of another server process")
    for _ in range(work.MAX_LEASES):
        attempt(job)
    assert chunk() == ("failed", 0)
    mend_ledger()
    other = submit(count=10)
    work.work(duration=LONG)
    expect_given_up(job, because="the database was being stopped (SQLSTATE 57P02)")
    assert Job.objects.get(id=other.id).status == "succeeded"


def test_so_does_one_with_which_the_server_died_each_time(job):
    for _ in range(work.MAX_LEASES):
        be_due()
        leave_behind(job)
        upkeep.reconcile(ring=silent, away_until=timezone.now())
    expect_given_up(job, because="went silent")


def expect_given_up(job: Job, *, because: str) -> None:
    upkeep.reconcile(ring=silent)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "chunk_failed")
    assert f"was tried {work.MAX_LEASES} times" in job.error
    assert because in job.error


def test_chunks_that_met_an_outage_together_come_back_one_by_one(submit, settings):
    """So that one that makes the server die takes no other along for ever."""
    settings.CARDGEN_LEASE = timedelta(days=1)
    settings.CARDGEN_CHUNK_CARDS = 10
    job = submit(count=40)
    Chunk.objects.update(epoch=work.MAX_LEASES // 2)
    for _ in range(4):
        leave_behind(job)
    upkeep.reconcile(ring=silent, away_until=timezone.now())
    due = sorted(Chunk.objects.values_list("not_before", flat=True))
    assert due[0] > timezone.now() + timedelta(minutes=10)
    assert due[-1] - due[0] > timedelta(seconds=5)


def leave_behind(job: Job) -> None:
    """Have a connection that is not there any more hold the job's chunk."""
    assert work.lease_in(job.id)
    Chunk.objects.update(backend_pid=1, backend_start=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_the_reconciler_knows_when_the_server_was_away(monkeypatch):
    seen: list[object] = []
    monkeypatch.setattr(upkeep, "reconcile", lambda **given: seen.append(given["away_until"]))
    turn = reconciler.Turn()
    turn.once()
    turn.lost()
    turn.once()
    turn.once()
    assert seen[0] is None
    assert seen[1] == seen[2] <= timezone.now()
