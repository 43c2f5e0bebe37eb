"""After a restore from a backup, numbers of the lost time are not handed out again."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction

from jobs import planning, states, work
from jobs.models import Job, Status
from jobs.planning import TooFewLastFours
from tests.support.actors import entries
from tests.support.fixtures import register
from tests.support.slots import exclude_slots, make_free
from tests.support.threads import at_once
from tests.support.waiting import somebody_waits
from tests.support.work import LONG
from uniqueness.models import Card, Reservation
from uniqueness.pool import recording
from uniqueness.pool.capacity import left_in
from uniqueness.pool.reserving import next_slot


@pytest.fixture(autouse=True)
def small_chunks(settings):
    settings.CARDGEN_CHUNK_CARDS = 100


@pytest.fixture
def owned(db):
    """A range of ten windows."""
    return register(iin="99999902", pan_length=16)


@pytest.fixture(autouse=True)
def admin(db):
    return User.objects.create_superuser("root")


def advance(**options: object) -> str:
    out = StringIO()
    call_command(
        "advance_cursors", **{"by": "1,000", "reason": "a restored backup"} | options, stdout=out
    )
    return out.getvalue()


def slots() -> list[int]:
    return [slot % 10**12 for slot in Card.objects.order_by("slot").values_list("slot", flat=True)]


def test_the_next_cards_come_from_another_window(submit, owned):
    submit(range=owned.name, count=10)
    work.work(duration=LONG)
    assert f"{owned.name}: from 10 to 1,000,000" in advance()
    submit(range=owned.name, count=10)
    work.work(duration=LONG)
    assert slots() == [*range(10), *range(1_000_000, 1_000_010)]


def test_an_unfinished_job_goes_on_with_other_numbers(submit, owned):
    job = submit(range=owned.name, count=300)
    work.execute(work.lease_in(job.id))
    assert "1 unfinished job goes on" in advance()
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 300)
    assert slots() == [*range(100), *range(1_000_000, 1_000_200)]
    call_command("verify_cards", job=job.id)


def test_a_worker_that_still_holds_a_chunk_is_fenced(submit, owned):
    job = submit(range=owned.name, count=100)
    lease = work.lease_in(job.id)
    advance()
    work.execute(lease)
    assert slots() == []


def test_free_spans_are_given_up_since_the_lost_time_may_have_used_them(submit, owned):
    make_free(owned, 0, 100)
    advance()
    assert not Reservation.objects.filter(state="free").exists()
    submit(range=owned.name, count=10)
    work.work(duration=LONG)
    assert slots()[0] == 1_000_000


def test_a_job_whose_range_is_exhausted_fails_with_the_reason(submit, small_range):
    job = submit(range=small_range.name, count=10)
    assert "exhausted" in advance()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "range_exhausted")
    assert left_in([small_range])[small_range.pk] == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_wants_more_numbers_meanwhile_is_waited_for_and_waits_for_nobody(
    submit, small_range
):
    """It holds its job's row, and the range comes next."""
    job = submit(range=small_range.name, count=10)

    locked = Event()

    def act(number: int) -> object:
        if number:
            assert locked.wait(30)
            return advance()
        with transaction.atomic():
            states.move(job.id, to=Status.RUNNING)
            locked.set()
            assert somebody_waits()
            return next_slot(small_range)

    assert at_once(2, act)[0] == 10
    assert Job.objects.get().error_code == "range_exhausted"


def test_distinct_last_fours_stay_distinct(submit, owned):
    job = submit(range=owned.name, count=300, distinct_last_four=True)
    work.execute(work.lease_in(job.id))
    exclude_slots(owned, 1)
    advance()
    work.work(duration=LONG)
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert len({pan[-4:] for pan in Card.objects.values_list("pan", flat=True)}) == 300


def test_a_card_excluded_after_it_was_minted_keeps_its_last_four(submit, owned):
    job = submit(range=owned.name, count=50, distinct_last_four=True)
    work.execute(work.lease_in(job.id))
    exclude_slots(owned, 1)
    with pytest.raises(TooFewLastFours):
        planning.plan_missing(job.items.get(), count=10_000 - 50 + 1)


def test_it_stands_in_the_audit_trail(submit, owned):
    submit(range=owned.name, count=10)
    advance()
    assert entries().get().action == "advance_cursors"


def test_a_dry_run_changes_nothing(submit, owned):
    job = submit(range=owned.name, count=10)
    assert "nothing was changed" in advance(dry_run=True)
    assert not entries().exists()
    work.work(duration=LONG)
    assert slots() == [*range(10)]
    assert Job.objects.get(id=job.id).status == "succeeded"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"by": "-1"}, "--by"), ({"by": "x"}, "--by"), ({"reason": "no"}, "10 characters")],
)
def test_bad_requests_are_refused(owned, wrong, told):
    with pytest.raises(CommandError, match=told) as refusal:
        advance(**wrong)
    assert refusal.value.returncode == 2


def recorded(folder: Path, **options: object) -> str:
    out = StringIO()
    given = {"recorded": folder, "reason": "a restored backup"} | options
    call_command("advance_cursors", **given, stdout=out)
    return out.getvalue()


def test_positions_are_written_down_whole_and_for_us_alone(submit, owned, tmp_path):
    submit(range=owned.name, count=10)
    recording.write(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    found = recording.read(tmp_path)
    assert (found.positions, found.steadily) == ({owned.name: 10}, True)


def test_a_minute_is_unknown_if_nobody_says_when_it_ended(owned, tmp_path):
    recording.write(tmp_path)
    assert "60 s are not: 68,000,000 numbers more" in recorded(tmp_path)
    assert left_in([owned])[owned.pk] == 0


def test_a_backup_alone_does_not_say_when_the_database_was_lost(owned, tmp_path):
    made = tmp_path / "cardgen-1"
    made.mkdir()
    told = {"made_at": "2026-11-28T20:00:00+00:00", "positions": {owned.name: 1_500_000}}
    (made / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(CommandError, match="say --lost-at"):
        recorded(tmp_path)
    said = recorded(tmp_path, lost_at=datetime(2026, 11, 28, 20, tzinfo=UTC))
    assert f"{owned.name}: from 0 to 10,000,000" in said


def test_the_furthest_position_counts_whoever_wrote_it(tmp_path):
    for name, at, slot in (("a", "2026-11-28T20:00:00+00:00", 9), ("b", "2026-11-27T20:00Z", 12)):
        (tmp_path / name).mkdir()
        told = json.dumps({"made_at": at, "positions": {"r": slot}})
        (tmp_path / name / "manifest.json").write_text(told)
    (tmp_path / "positions.json").write_text("cut sho")
    found = recording.read(tmp_path)
    assert (found.positions, found.at.day, found.steadily) == ({"r": 12}, 28, False)


def test_a_backup_made_since_does_not_hide_that_the_reconciler_was_alive(tmp_path):
    (tmp_path / "a").mkdir()
    for seconds, steadily in ((20, True), (40, False)):
        at = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
        told = {"made_at": at.isoformat(), "positions": {}}
        (tmp_path / "positions.json").write_text(json.dumps(told))
        told["made_at"] = at.replace(second=seconds).isoformat()
        (tmp_path / "a" / "manifest.json").write_text(json.dumps(told))
        assert recording.read(tmp_path).steadily == steadily


def test_an_empty_folder_says_nothing(owned, tmp_path):
    with pytest.raises(CommandError, match="and no backup"):
        recorded(tmp_path)
