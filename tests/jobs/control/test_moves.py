"""Cancel, pause, resume, retry, clone: conditional moves, counts that stay exact."""

from datetime import datetime, timedelta
from io import StringIO
from itertools import combinations_with_replacement
from threading import Event

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework.test import APIClient

from jobs import control, models, states, upkeep, work
from jobs.control import moves
from jobs.control.moves import IllegalMove
from jobs.models import Chunk, Job, Role, Status
from jobs.orders import ItemOrder, Origin
from jobs.pages.order.curl import body_of
from jobs.pages.order.words import order_words
from jobs.watching import figures, retries_of
from tests.support.actors import somebody
from tests.support.fixtures import register, silent
from tests.support.keys import create_key, make_user
from tests.support.threads import at_once
from tests.support.waiting import somebody_waits
from tests.support.work import LONG
from toolkit.rights import Role as AccessRole
from uniqueness.models import Card
from uniqueness.pool import settlement
from uniqueness.pool.capacity import left_in
from uniqueness.pool.reserving import next_slot

URL = "/api/v1/cards/jobs"
EVENTS = ["cancel", "pause", "resume", "finish", "crash", "retry"]
PAIRS = list(combinations_with_replacement(EVENTS, 2))


@pytest.fixture(autouse=True)
def small_chunks(settings):
    settings.CARDGEN_CHUNK_CARDS = 100


@pytest.fixture
def begun(submit, small_range) -> Job:
    """A job of 500 cards, 100 of which are made."""
    job = submit(range=small_range.name, count=500)
    work.execute(work.lease_in(job.id))
    return job


def reload(job: Job) -> Job:
    return Job.objects.get(id=job.id)


def reconcile() -> None:
    upkeep.reconcile(ring=lambda: None)


def test_a_cancelled_job_keeps_what_it_made_and_frees_the_rest(begun, small_range):
    assert control.cancel(begun, actor=somebody()).status == Status.CANCELLED
    reconcile()
    assert (reload(begun).produced, Card.objects.count()) == (100, 100)
    assert left_in([small_range])[small_range.pk] == 900
    assert work.work(duration=LONG) is False
    assert Card.objects.count() == 100


def test_a_chunk_in_hand_is_finished_before_the_job_is_cancelled(begun):
    lease = work.lease_in(begun.id)
    assert control.cancel(begun, actor=somebody()).status == Status.CANCELLING
    assert work.lease_in(begun.id) is None
    work.execute(lease)
    assert (reload(begun).status, reload(begun).produced) == (Status.CANCELLED, 200)


def test_all_chunks_in_hand_are_finished_before_the_job_is_cancelled(begun):
    first, last = work.lease_in(begun.id), work.lease_in(begun.id)
    control.cancel(begun, actor=somebody())
    work.execute(first)
    assert reload(begun).status == Status.CANCELLING
    work.execute(last)
    assert (reload(begun).status, reload(begun).produced) == (Status.CANCELLED, 300)


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_is_just_being_committed_is_not_in_hand_any_more(begun):
    """Or the job would be cancelling, with nobody left who ends it."""
    lease, written = work.lease_in(begun.id), Event()

    def act(number: int) -> str:
        if number:
            assert written.wait(30)
            return control.cancel(begun, actor=somebody()).status
        with transaction.atomic():
            work.execute(lease)
            written.set()
            assert somebody_waits()
        return "committed"

    assert at_once(2, act) == ["committed", Status.CANCELLED]
    assert (reload(begun).produced, Card.objects.count()) == (200, 200)


def test_a_worker_that_dies_does_not_hold_up_a_cancellation(begun):
    lease = work.lease_in(begun.id)
    control.cancel(begun, actor=somebody())
    Chunk.objects.filter(id=lease.chunk_id).update(lease_until=timezone.now() - timedelta(hours=1))
    reconcile()
    assert reload(begun).status == Status.CANCELLED
    work.execute(lease)  # it was only slow, and is fenced
    assert (reload(begun).produced, Card.objects.count()) == (100, 100)


def test_a_late_chunk_never_changes_the_figures_of_an_ended_job(begun):
    lease = work.lease_in(begun.id)
    states.move(begun.id, to=Status.FAILED, error_code="x", error="a test")
    work.execute(lease)
    assert (reload(begun).produced, Card.objects.count()) == (100, 100)


def test_a_job_that_is_resumed_while_its_last_chunk_is_in_hand_succeeds(submit, small_range):
    job = submit(range=small_range.name, count=100)
    lease = work.lease_in(job.id)
    control.pause(job, actor=somebody())
    control.resume(job, ring=silent, actor=somebody())
    work.execute(lease)
    assert (reload(job).status, reload(job).produced) == (Status.SUCCEEDED, 100)


def test_a_complete_job_that_nobody_ended_is_ended_by_the_reconciler(submit):
    job = submit(count=100)
    Chunk.objects.update(state="done", produced=100)
    Job.objects.update(produced=100)  # as version 0.1 could leave it: queued, with all its cards
    reconcile()
    assert reload(job).status == Status.SUCCEEDED


def test_a_paused_job_rests_and_goes_on(begun):
    assert control.pause(begun, actor=somebody()).status == Status.PAUSED
    assert work.work(duration=LONG) is False
    assert control.resume(begun, ring=silent, actor=somebody()).status == Status.QUEUED
    work.work(duration=LONG)
    assert (reload(begun).status, Card.objects.count()) == (Status.SUCCEEDED, 500)


def test_a_paused_job_whose_last_chunk_was_in_hand_has_succeeded(submit):
    job = submit(count=100)
    lease = work.lease_in(job.id)
    control.pause(job, actor=somebody())
    work.execute(lease)
    assert reload(job).status == Status.SUCCEEDED


def test_a_failed_job_is_retried_with_other_numbers_for_what_is_missing(begun):
    states.move(begun.id, to=Status.FAILED, error_code="x", error="a test")
    job = control.retry(begun, ring=silent, actor=somebody())
    assert (job.status, job.error, job.finished_at) == (Status.QUEUED, "", None)
    work.work(duration=LONG)
    assert (reload(begun).status, reload(begun).produced) == (Status.SUCCEEDED, 500)
    assert Card.objects.count() == 500
    assert not settlement.holders()


@pytest.mark.django_db(transaction=True)
def test_a_retry_takes_its_ranges_in_the_order_of_all(submit, small_range):
    """Whoever has the first one may want the other: nobody waits in a circle."""
    other = register(iin="99999902", pan_length=13)
    items = [ItemOrder(count=10, range=one.name) for one in (other, small_range)]
    job, locked = submit(items=tuple(items)), Event()
    states.move(job.id, to=Status.FAILED, error_code="x", error="a test")

    def act(number: int) -> object:
        if number:
            assert locked.wait(30)
            return control.retry(job, ring=silent, actor=somebody()).status
        with transaction.atomic():
            next_slot(small_range)
            locked.set()
            assert somebody_waits()
            return next_slot(other)

    assert at_once(2, act) == [10, Status.QUEUED]


def test_a_clone_is_the_same_order_again(submit, user):
    job = submit(count=50, cvv="123", cardholder_name="REFUSED", label="again", sequential=True)
    later = job.created_at.replace(day=1) + timedelta(days=65)
    twin = control.clone(job, origin=Origin(owner=user), ring=silent, now=later)
    assert (twin.cvv, twin.cardholder_name, twin.label) == ("123", "REFUSED", "again")
    assert (twin.sequential, twin.requested) == (True, 50)
    assert twin.first_month == job.first_month + 2
    work.work(duration=LONG)
    assert Card.objects.count() == 100


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (Status.SUCCEEDED, ["cancel", "pause", "resume", "retry"]),
        (Status.CANCELLED, ["cancel", "pause", "resume", "retry"]),
        (Status.FAILED, ["cancel", "pause", "resume"]),
        (Status.QUEUED, ["resume", "retry"]),
        (Status.PAUSED, ["pause", "retry"]),
    ],
)
def test_what_cannot_be_done_now_is_refused_with_409(api, submit, status, refused):
    job = submit(count=10)
    if status == Status.SUCCEEDED:
        work.work(duration=LONG)
    elif status != Status.QUEUED:
        states.move(job.id, to=status)
    for action in refused:
        answer = api.post(f"{URL}/{job.id}/{action}")
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move"), action
        assert answer.json()["job_status"] == status
    assert reload(job).status == status


def test_the_api_does_each_of_them(api, submit):
    job = submit(count=10)
    found = [api.post(f"{URL}/{job.id}/{action}") for action in ("pause", "resume", "cancel")]
    assert [answer.json()["status"] for answer in found] == ["paused", "queued", "cancelled"]
    twin = api.post(f"{URL}/{job.id}/clone")
    assert (twin.status_code, twin.json()["requested"]) == (201, 10)
    assert twin.json()["id"] != str(job.id)


def test_jobs_of_others_do_not_exist(api, submit, other_user):
    job = submit(count=10)
    api.force_authenticate(other_user)
    for action in ("cancel", "pause", "resume", "retry", "clone"):
        assert api.post(f"{URL}/{job.id}/{action}").status_code == 404


def test_a_missed_deadline_fails_the_job_in_words(begun):
    Job.objects.filter(id=begun.id).update(deadline=timezone.now() - timedelta(seconds=1))
    reconcile()
    assert (reload(begun).status, reload(begun).error_code) == ("failed", "deadline_missed")
    assert Card.objects.count() == reload(begun).produced == 100


def test_a_deadline_in_the_past_is_refused(api):
    body = {"scheme": "visa", "count": 1, "deadline": "2020-01-01T00:00:00Z"}
    assert api.post("/api/v1/cards/generate-async", body).status_code == 400


def test_priority_decides_how_often_a_job_comes_up_and_none_starves(submit, user):
    user.groups.add(Group.objects.get(name=AccessRole.OPERATOR))
    jobs = {name: submit(count=3_000, priority=name) for name in ("low", "normal", "high")}
    for _ in range(30):
        work.execute(work.lease_next())
    made = {name: reload(job).produced for name, job in jobs.items()}
    assert made["high"] > made["normal"] > made["low"] > 0


def test_a_paused_queue_hands_out_nothing_and_loses_nothing(submit, api):
    admin = User.objects.create_superuser("root")
    job = submit(count=100)
    control.set_queue(
        paused=True, reason="a database move", actor=somebody(admin.username), ring=silent
    )
    assert work.work(duration=LONG) is False
    waiting = api.post("/api/v1/cards/generate", {"scheme": "visa", "count": 5})
    assert (waiting.status_code, waiting.json()["status"]) == (202, "queued")
    control.set_queue(
        paused=False, reason="the database moved", actor=somebody(admin.username), ring=silent
    )
    work.work(duration=LONG)
    assert reload(job).status == Status.SUCCEEDED
    assert Card.objects.count() == 105


def test_only_operators_pause_the_queue(api):
    body = {"paused": True, "reason": "a database move"}
    assert api.patch("/api/v1/cards/queue", body).status_code == 403
    key = create_key(user=make_user("ann", role=AccessRole.OPERATOR), name="k")
    operator = APIClient(HTTP_X_API_KEY=key)
    assert operator.patch("/api/v1/cards/queue", body).json()["paused"] is True
    assert api.get("/api/v1/cards/queue").json()["reason"] == "a database move"


def test_the_queue_tells_what_waits_and_who_works(api, submit):
    submit(count=300)
    work.execute(work.lease_next())
    work.beat(Role.WORKER)
    shown = api.get("/api/v1/cards/queue").json()
    assert (shown["waiting_chunks"], shown["running_chunks"], shown["workers"]) == (2, 0, 1)
    assert shown["reconcilers"] == 0
    assert shown["oldest_waiting_seconds"] > 0


def test_rate_and_time_left_do_not_count_pauses(begun):
    control.pause(begun, actor=somebody())
    hour = timedelta(hours=1)
    Job.objects.update(started_at=F("started_at") - hour, running_since=F("running_since") - hour)
    slow = figures(reload(begun)).rate
    control.resume(begun, ring=silent, actor=somebody())
    lease = work.lease_in(begun.id)
    assert figures(reload(begun)).rate is None
    work.execute(lease)
    assert figures(reload(begun)).rate > 100 * slow
    assert figures(reload(begun)).eta_seconds < 60


@pytest.mark.parametrize("body", [b'{"reason": "x"}', b"{nope", b"[]", b"1"])
@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "retry", "clone"])
def test_a_body_that_says_anything_is_refused(api, begun, action, body):
    url = f"{URL}/{begun.id}/{action}"
    answer = api.post(url, data=body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert reload(begun).status == Status.RUNNING


def test_the_command_pauses_the_queue_and_shows_it(begun):
    out = StringIO()
    call_command("queue", pause=True, reason="a database move", stdout=out)
    assert " (command line): a database move\n" in out.getvalue()
    assert "chunks       4 waiting, the oldest for " in out.getvalue()
    assert work.lease_next() is None
    call_command("queue", resume=True, reason="it is done", stdout=out)
    assert out.getvalue().count("queue        running") == 1
    assert work.lease_next()


def test_the_command_shows_an_empty_queue(db):
    out = StringIO()
    call_command("queue", stdout=out)
    assert out.getvalue().splitlines()[:2] == ["queue        running", "chunks       0 waiting"]


@pytest.mark.parametrize("options", [{"pause": True}, {"reason": "x"}])
def test_a_switch_and_its_reason_go_together(db, options):
    with pytest.raises(CommandError) as refused:
        call_command("queue", **options)
    assert refused.value.returncode == 2


def test_priority_and_deadline_are_told(api, small_range):
    deadline = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    order = {"range": small_range.name, "count": 5, "priority": "low", "deadline": deadline}
    shown = api.post("/api/v1/cards/generate-async", order).json()
    assert shown["priority"] == "low"
    assert datetime.fromisoformat(shown["deadline"]) == deadline
    job = reload(Job(id=shown["id"]))
    assert body_of(job)["priority"] == "low"
    told = dict(order_words(job))
    assert (told["Priority"], told["Deadline"]) == ("low", f"{deadline:%d %B %Y, %H:%M} UTC")


def test_a_resting_job_has_no_next_attempt(begun):
    Chunk.objects.filter(state="waiting").update(error="it broke", attempts=1)
    assert retries_of([begun])[begun.id].next_attempt_at is not None
    control.pause(begun, actor=somebody())
    assert retries_of([begun])[begun.id].next_attempt_at is None


def act(name: str, job: Job) -> None:
    """One of the things that may happen to a job at any time."""
    if name == "finish":
        while lease := work.lease_in(job.id):
            work.execute(lease)
    elif name == "crash":
        lease = work.lease_in(job.id)
        if lease:
            Chunk.objects.filter(id=lease.chunk_id, epoch=lease.epoch, state="running").update(
                lease_until=timezone.now() - timedelta(hours=1)
            )
        reconcile()
    elif name == "resume":
        control.resume(job, ring=silent, actor=somebody())
    elif name == "retry":
        states.move(job.id, to=Status.FAILED, error_code="x", error="a test")
        control.retry(job, ring=silent, actor=somebody())
    else:
        getattr(moves, name)(job, actor=somebody())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "pair",
    list(
        combinations_with_replacement(["cancel", "pause", "resume", "finish", "crash", "retry"], 2)
    ),
    ids="-".join,
)
def test_two_at_once_end_in_a_state_of_the_table_with_exact_counts(submit, pair):
    job = submit(count=500)
    if "resume" in pair:
        control.pause(job, actor=somebody())
    results = at_once(2, lambda number: act(pair[number], job))
    assert all(result is None or isinstance(result, IllegalMove) for result in results), results
    if pair in {("cancel", "cancel"), ("pause", "pause"), ("resume", "resume")}:
        assert results.count(None) == 1, "both won"
    if pair[0] == "cancel" and results[0] is None:
        assert reload(job).status in {Status.CANCELLED, Status.CANCELLING}
    for _ in range(20):
        reconcile()
        if reload(job).status == Status.PAUSED:
            control.resume(job, ring=silent, actor=somebody())
        work.work(duration=LONG)
        Chunk.objects.filter(state="running").update(
            lease_until=timezone.now() - timedelta(hours=1)
        )
        if reload(job).status in models.FINAL:
            break
    assert reload(job).status in models.FINAL
    assert reload(job).produced == Card.objects.count()
    if "cancel" not in pair:
        assert reload(job).produced == 500
