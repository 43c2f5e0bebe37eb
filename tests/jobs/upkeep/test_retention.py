"""Cards go, the guarantee stays."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from generation.kernel.defects import Defect
from jobs import control, states, tasks, upkeep, work
from jobs.models import Chunk, Delivery, Event, Job, Status, Webhook
from tests.support.actors import somebody
from tests.support.fixtures import register, silent
from tests.support.ledger import unseen
from tests.support.slots import exclude_slots
from tests.support.work import LONG
from uniqueness.cache.answers import forget_all
from uniqueness.check import State, check
from uniqueness.models import Card, Reservation


def done(submit, **order: object) -> Job:
    job = submit(**order)
    work.work(duration=LONG)
    return Job.objects.get(id=job.id)


def age(job: Job, *, days: int) -> None:
    Job.objects.filter(id=job.id).update(finished_at=timezone.now() - timedelta(days=days))


def purge(**options: object) -> str:
    out = StringIO()
    call_command("purge_cards", stdout=out, **options)
    return out.getvalue()


def issued() -> list[str]:
    return list(Card.objects.order_by("slot").values_list("pan", flat=True))


def test_purged_numbers_stay_issued_and_are_never_minted_again(submit, small_range, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    job = done(submit, range=small_range.name, count=500)
    numbers = issued()
    assert "500 cards" in purge(job=str(job.id))
    forget_all()
    assert issued() == []
    assert {found.state for found in check(numbers)} == {State.ISSUED}
    assert {found.owner for found in check(numbers)} == {job.id}
    done(submit, range=small_range.name, count=500)
    assert not set(issued()) & set(numbers)


def test_old_jobs_go_and_young_ones_stay(submit):
    old, young = done(submit, count=10), done(submit, count=20)
    age(old, days=31)
    assert "10 cards of 1 job" in purge(older_than=30)
    assert len(issued()) == 20
    assert Job.objects.get(id=young.id).purged_at is None


def test_a_dry_run_deletes_nothing(submit):
    age(done(submit, count=10), days=31)
    assert "would be" in purge(older_than=30, dry_run=True)
    assert len(issued()) == 10


def test_a_dry_run_counts_what_a_purge_would_delete(submit, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    job = done(submit, count=250)
    next(upkeep.purge_cards(job))
    assert "150 cards of 1 job would be" in purge(job=str(job.id), dry_run=True)
    assert "150 cards of 1 job deleted" in purge(job=str(job.id))
    assert "0 cards of 1 job would be" in purge(job=str(job.id), dry_run=True)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_dry_run_refuses_what_a_purge_would_refuse(submit, dry_run):
    negative, running = done(submit, count=10, defect=Defect.LUHN), submit(count=10)
    for job in (negative, running):
        with pytest.raises(CommandError) as refusal:
            purge(job=str(job.id), dry_run=dry_run)
        assert refusal.value.returncode == 3


def test_an_interrupted_purge_goes_on_where_it_stopped(submit, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    job = done(submit, count=300)
    age(job, days=31)
    assert next(upkeep.purge_cards(job)) == 100
    assert len(issued()) == 200
    assert {found.state for found in check(issued())} == {State.ISSUED}
    purge(older_than=30)
    assert issued() == []
    assert set(Chunk.objects.values_list("state", flat=True)) == {"purged"}


@pytest.mark.parametrize("excluded", [[], [3]])
def test_a_purge_waits_until_all_cards_are_seen(submit, small_range, excluded):
    """On a distributed ledger a commit may be seen before its rows are."""
    exclude_slots(small_range, *excluded)
    job = done(submit, range=small_range.name, count=10)
    with unseen(2):
        assert "0 cards of 1 job deleted" in purge(job=str(job.id))
        assert Reservation.objects.get(owner=job.id).issued == 10
    assert "10 cards of 1 job deleted" in purge(job=str(job.id))
    assert issued() == []


def test_claimed_cards_of_others_stay_when_the_job_around_them_goes(api, submit, small_range):
    from_job = done(submit, range=small_range.name, count=5)
    claim = {"range": small_range.name, "ending": "42", "count": 3}
    claimed = [c["pan"] for c in api.post("/api/v1/cards/claim", claim).json()["cards"]]
    around = done(submit, range=small_range.name, count=900)
    purge(job=str(around.id))
    purge(job=str(from_job.id))
    assert sorted(issued()) == sorted(claimed)


def test_purged_claims_stay_issued(api, small_range):
    claim = {"range": small_range.name, "ending": "42", "count": 3}
    answer = api.post("/api/v1/cards/claim", claim).json()
    purge(job=answer["job"])
    forget_all()
    assert issued() == []
    numbers = [card["pan"] for card in answer["cards"]]
    assert {found.state for found in check(numbers)} == {State.ISSUED}
    assert {str(found.owner) for found in check(numbers, hints=False)} == {answer["job"]}


@pytest.mark.parametrize("order", [{"defect": Defect.LUHN}, {"distinct_last_four": True}])
def test_numbers_that_slots_do_not_tell_stay(submit, order):
    job = done(submit, count=10, **order)
    age(job, days=99)
    with pytest.raises(CommandError, match="cannot be told from their slots"):
        purge(job=str(job.id))
    assert "0 cards" in purge(older_than=30)
    assert len(issued()) == 10


def test_running_jobs_are_not_purged(submit):
    with pytest.raises(CommandError, match="cancel it or let it finish"):
        purge(job=str(submit(count=10).id))


def test_a_purged_result_is_gone(api, submit):
    job = done(submit, count=10)
    purge(job=str(job.id))
    answer = api.get(f"/api/v1/cards/jobs/{job.id}/result")
    assert (answer.status_code, answer.json()["code"]) == (410, "cards_purged")


def test_sequential_cards_are_purged_too(submit):
    owned = register(iin="99999902", pan_length=16)
    job = done(submit, range=owned.name, count=10, sequential=True)
    purge(job=str(job.id))
    assert issued() == []


@pytest.mark.parametrize(("days", "left"), [(0, 10), (30, 0)])
def test_the_clock_purges_only_if_it_is_told_to(submit, settings, days, left):
    settings.CARDGEN_KEEP_CARDS_DAYS = days
    age(done(submit, count=10), days=31)
    tasks.clean_up()
    assert len(issued()) == left


@pytest.fixture
def cut(submit, settings) -> Job:
    """A job of 70 cards that failed when 40 were made."""
    settings.CARDGEN_CHUNK_CARDS = 40
    job = submit(count=70)
    work.execute(work.lease_in(job.id))
    states.move(job.id, to=Status.FAILED, error_code="a_test", error="It broke.")
    return Job.objects.get(id=job.id)


def test_a_purge_that_comes_after_a_retry_leaves_the_job_alone(cut):
    due = list(upkeep.due(days=-1))
    assert due == [cut]
    control.retry(cut, ring=silent, actor=somebody())
    assert sum(upkeep.purge_cards(due[0])) == 0
    work.work(duration=LONG)
    cut.refresh_from_db()
    assert (cut.status, cut.produced, len(issued())) == (Status.SUCCEEDED, 70, 70)


def test_a_job_whose_cards_were_deleted_is_not_retried(api, cut):
    purge(job=str(cut.id))
    answer = api.post(f"/api/v1/cards/jobs/{cut.id}/retry")
    assert (answer.status_code, answer.json()["code"]) == (410, "cards_purged")
    cut.refresh_from_db()
    assert (cut.status, cut.produced) == (Status.FAILED, 40)


def forget(**options: object) -> str:
    out = StringIO()
    call_command("forget_jobs", stdout=out, **options)
    return out.getvalue()


def test_a_job_is_forgotten_once_its_cards_are_gone_and_its_numbers_stay_issued(
    submit, small_range
):
    job = done(submit, range=small_range.name, count=500)
    numbers = issued()
    age(job, days=31)
    assert "0 jobs" in forget(older_than=30)
    purge(job=str(job.id))
    assert "1 job would" in forget(older_than=30, dry_run=True)
    assert "1 job forgotten" in forget(older_than=30)
    forget_all()
    assert not Job.objects.exists()
    assert {found.state for found in check(numbers)} == {State.ISSUED}
    done(submit, range=small_range.name, count=500)
    assert not set(issued()) & set(numbers)
    call_command("validate_uniqueness", while_minting=True, stdout=StringIO(), stderr=StringIO())


def test_claims_of_a_forgotten_job_stay_issued(api, small_range):
    claim = {"range": small_range.name, "ending": "42", "count": 3}
    answer = api.post("/api/v1/cards/claim", claim).json()
    purge(job=answer["job"])
    age(Job.objects.get(), days=31)
    forget(older_than=30)
    forget_all()
    numbers = [card["pan"] for card in answer["cards"]]
    assert {found.state for found in check(numbers)} == {State.ISSUED}
    shown = api.post("/api/v1/cards/check", {"numbers": numbers}).json()["results"]
    assert {(one["state"], one["job"]) for one in shown} == {("issued", None)}
    call_command("validate_uniqueness", while_minting=True, stdout=StringIO(), stderr=StringIO())


def test_jobs_that_ended_without_a_card_are_forgotten_and_their_numbers_free(submit, small_range):
    job = submit(range=small_range.name, count=1_000)
    control.cancel(job, actor=somebody())
    age(job, days=31)
    assert "0 jobs" in forget(older_than=30)  # the reconciler has not settled it yet
    tasks.clean_up()
    assert "1 job forgotten" in forget(older_than=30)
    assert done(submit, range=small_range.name, count=1_000).status == Status.SUCCEEDED


def test_young_jobs_active_jobs_and_jobs_with_a_living_key_stay(submit):
    young, keyed = submit(count=10), submit(count=10)
    control.cancel(young, actor=somebody())
    control.cancel(keyed, actor=somebody())
    submit(count=10)
    tasks.clean_up()
    age(keyed, days=31)
    Job.objects.filter(id=keyed.id).update(idempotency_key="k", idempotency_route="r")
    assert "0 jobs" in forget(older_than=30)


def test_a_job_whose_message_is_still_to_be_sent_stays(submit, user):
    Webhook.objects.create(owner=user, url="https://example.com/", events=[Event.JOB_FINISHED])
    job = submit(count=10)
    control.cancel(job, actor=somebody())
    tasks.clean_up()
    age(job, days=31)
    assert "0 jobs" in forget(older_than=30)
    Delivery.objects.update(state="delivered", finished_at=timezone.now())
    assert "1 job forgotten" in forget(older_than=30)


@pytest.mark.parametrize(("days", "left"), [(0, 1), (30, 0)])
def test_the_clock_forgets_jobs_only_if_it_is_told_to(submit, settings, days, left):
    settings.CARDGEN_KEEP_JOBS_DAYS = days
    job = done(submit, count=10)
    purge(job=str(job.id))
    age(job, days=31)
    tasks.clean_up()
    assert Job.objects.count() == left


@pytest.mark.parametrize("command", ["purge_cards", "forget_jobs"])
@pytest.mark.parametrize("days", ["-1", "36501", "99999999999"])
def test_an_impossible_age_is_refused(db, command, days):
    with pytest.raises(CommandError, match="to 36,500") as refused:
        call_command(command, older_than=int(days))
    assert refused.value.returncode == 2
