"""Quotas: nobody orders past one, however many try at once."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import control, quotas, states, work
from jobs.control import moves
from jobs.models import Job, Quota, Status, TakenAtOnce
from jobs.orders import Origin, accepting
from jobs.quotas import Orderer, QuotaExceeded, Subject, Unit
from tests.support.actors import entries, somebody
from tests.support.fixtures import an_order, silent
from tests.support.quotas import limit, order
from tests.support.threads import at_once
from tests.support.work import LONG
from uniqueness.locks import Space
from uniqueness.models import Reservation

KEY = 77
CLIENTS = 16
DAY = timedelta(days=1)


def limit_key(**limits: int | None) -> None:
    Quota.objects.update_or_create(defaults={**limits, "changed_by": "a test"}, api_key_id=KEY)


def used(user: User, unit: Unit = Unit.CARDS, *, key: int | None = None) -> int:
    subject = Subject.USER if key is None else Subject.KEY
    return quotas.usage(Orderer(user_id=user.pk, api_key_id=key)).used[subject, unit]


def yesterday() -> None:
    """Move everything ordered so far a day back."""
    Job.objects.update(created_at=F("created_at") - DAY, counted_from=F("counted_from") - DAY)
    TakenAtOnce.objects.update(day=F("day") - DAY)


def failed(user: User, *, count: int, produced: int, key: int | None = None) -> Job:
    job = order(user, count=count, key=key)
    assert states.move(job.id, to=Status.RUNNING)
    Job.objects.filter(id=job.id).update(produced=produced)
    assert states.move(job.id, to=Status.FAILED, error_code="chunk_failed", error="a test")
    return Job.objects.get(id=job.id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limits", [{"cards_per_day": 70}, {"active_jobs": 7}])
@pytest.mark.parametrize("of", ["user", "key"])
def test_of_many_orders_at_once_exactly_as_many_pass_as_the_limit_allows(
    user, catalogue, limits, of
):
    if of == "user":
        limit(user, **limits)
    else:
        limit_key(**limits)

    results = at_once(CLIENTS, lambda _: order(user, key=KEY))

    refused = [result for result in results if not isinstance(result, Job)]
    assert len(refused) == CLIENTS - 7
    assert all(isinstance(error, QuotaExceeded) for error in refused), refused
    assert Job.objects.count() == Reservation.objects.count() == 7
    assert used(user) == used(user, key=KEY) == 70


@pytest.mark.django_db(transaction=True)
def test_with_limits_of_user_and_key_at_once_both_hold_and_nobody_deadlocks(user, catalogue):
    limit(user, cards_per_day=90)
    limit_key(cards_per_day=50)

    at_once(CLIENTS, lambda number: order(user, key=KEY if number % 2 else None))

    assert used(user, key=KEY) <= 50
    assert used(user) == 90


@pytest.mark.django_db(transaction=True)
def test_orders_of_odd_sizes_at_once_never_go_past_the_limit(user, catalogue):
    limit(user, cards_per_day=100)
    results = at_once(CLIENTS, lambda number: order(user, count=number * 3 + 1))
    accepted = [job.requested for job in results if isinstance(job, Job)]
    assert sum(accepted) == used(user) <= 100
    left = 100 - sum(accepted)
    assert all(number * 3 + 1 > left for number in range(CLIENTS) if number * 3 + 1 not in accepted)


@pytest.mark.django_db(transaction=True)
def test_retries_and_orders_at_once_share_the_limit(user, catalogue):
    jobs = [failed(user, count=10, produced=0) for _ in range(8)]
    limit(user, cards_per_day=60)

    def act(number: int) -> Job:
        return (
            order(user)
            if number % 2
            else control.retry(jobs[number // 2], ring=silent, actor=somebody())
        )

    results = at_once(CLIENTS, act)
    assert sum(isinstance(result, Job) for result in results) == 6
    assert used(user) == 60


@pytest.mark.django_db(transaction=True)
def test_a_limited_user_holds_up_nobody_else(user, other_user, catalogue):
    limit(user, cards_per_day=100)
    limit(other_user, cards_per_day=100)

    with transaction.atomic():
        quotas.admit(Orderer(user_id=user.pk), cards=10)
        assert isinstance(at_once(1, lambda _: order(other_user))[0], Job)


def test_who_has_no_limit_takes_no_lock(user, catalogue):
    with CaptureQueriesContext(connection) as queries:
        quotas.admit(Orderer(user_id=user.pk, api_key_id=KEY), cards=10**8)
    assert not len(queries)
    limit(user, cards_per_day=100)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        quotas.admit(Orderer(user_id=user.pk, api_key_id=KEY), cards=10)
    assert "pg_advisory_xact_lock" in queries[0]["sql"]


def test_quotas_are_locked_before_everything_else(user, catalogue):
    limit(user, cards_per_day=100)
    limit_key(cards_per_day=100)
    with CaptureQueriesContext(connection) as queries:
        order(user, key=KEY)
    statements = " ".join(query["sql"] for query in queries)
    spaces = [int(space) for space in re.findall(r"xact_lock\w*\((\d+)", statements)]
    assert spaces[:2] == [Space.USER_QUOTA, Space.KEY_QUOTA]
    assert Space.RANGE in spaces[2:]


def test_without_a_limit_of_their_own_the_setting_holds(user, catalogue, settings):
    settings.CARDGEN_CARDS_PER_DAY = 15
    order(user)
    with pytest.raises(QuotaExceeded) as refused:
        order(user)
    assert refused.value.facts["left"] == 5


@pytest.mark.parametrize(("own", "accepted"), [(0, True), (20, True), (None, False), (19, False)])
def test_a_quota_of_ones_own_outranks_the_setting_and_zero_is_no_limit(
    user, catalogue, settings, own, accepted
):
    settings.CARDGEN_CARDS_PER_DAY = 15
    limit(user, cards_per_day=own)
    order(user)
    if accepted:
        order(user)
        return
    with pytest.raises(QuotaExceeded):
        order(user)


def test_a_refused_order_leaves_nothing_behind(user, catalogue):
    limit(user, cards_per_day=9)
    with pytest.raises(QuotaExceeded) as refused:
        order(user)
    assert not Job.objects.exists()
    assert not Reservation.objects.exists()
    assert refused.value.detail == (
        "Your limit is 9 cards a day; 0 are taken, 9 are left, 10 were asked for."
        " So many at once are never accepted: split them over several days."
    )
    assert "retry_after" not in refused.value.facts


def test_the_last_card_of_the_limit_can_be_ordered_and_no_more(user, catalogue):
    limit(user, cards_per_day=10)
    order(user)
    with pytest.raises(QuotaExceeded) as refused:
        order(user, count=1)
    facts = refused.value.facts
    assert {name: facts[name] for name in ("policy", "of", "limit", "used", "asked", "left")} == {
        "policy": "user-cards-per-day", "of": "user",
        "limit": 10, "used": 10, "asked": 1, "left": 0,
    }  # fmt: skip
    assert 0 < int(str(facts["retry_after"])) <= 86_400


def test_a_limit_lowered_below_what_is_taken_leaves_nothing(user, catalogue):
    order(user)
    limit(user, cards_per_day=5)
    with pytest.raises(QuotaExceeded) as refused:
        order(user, count=1)
    assert (refused.value.facts["used"], refused.value.facts["left"]) == (10, 0)


def test_what_was_ordered_before_the_limit_counts(user, catalogue):
    order(user, count=8)
    limit(user, cards_per_day=10)
    with pytest.raises(QuotaExceeded):
        order(user, count=3)


def test_the_next_day_starts_anew_but_unended_jobs_stay_active(user, catalogue):
    limit(user, cards_per_day=10, active_jobs=2)
    order(user)
    yesterday()
    assert (used(user), used(user, Unit.JOBS)) == (0, 1)
    order(user)
    yesterday()
    with pytest.raises(QuotaExceeded) as refused:
        order(user)
    assert refused.value.facts["policy"] == "user-active-jobs"


def test_a_job_that_ended_counts_what_it_made(user, catalogue):
    limit(user, cards_per_day=100, active_jobs=1)
    failed(user, count=100, produced=30)
    assert (used(user), used(user, Unit.JOBS)) == (30, 0)
    with pytest.raises(QuotaExceeded):
        order(user, count=71)
    order(user, count=70)


@pytest.mark.parametrize("act", [control.cancel, control.pause])
def test_a_cancelled_job_gives_back_what_it_did_not_make_and_a_paused_one_nothing(
    user, catalogue, act
):
    limit(user, cards_per_day=10, active_jobs=1)
    job = order(user)
    act(job, actor=somebody())
    assert (used(user), used(user, Unit.JOBS)) == ((0, 0) if act is control.cancel else (10, 1))


def test_resuming_asks_for_nothing_since_paused_jobs_count_in_full(user, catalogue):
    job = order(user)
    control.pause(job, actor=somebody())
    limit(user, cards_per_day=1, active_jobs=1)
    assert control.resume(job, ring=silent, actor=somebody()).status == Status.QUEUED


def test_a_retried_job_counts_again(user, catalogue):
    job = failed(user, count=10, produced=4)
    limit(user, cards_per_day=10, active_jobs=1)
    control.retry(job, ring=silent, actor=somebody())
    assert (used(user), used(user, Unit.JOBS)) == (10, 1)


@pytest.mark.parametrize("limits", [{"cards_per_day": 9}, {"active_jobs": 1}])
def test_a_retry_beyond_the_limit_is_refused_and_the_job_stays_failed(user, catalogue, limits):
    job = failed(user, count=10, produced=4)
    order(user, count=1)
    limit(user, **limits)
    with pytest.raises(QuotaExceeded):
        control.retry(job, ring=silent, actor=somebody())
    job.refresh_from_db()
    assert (job.status, job.counted_before) == (Status.FAILED, 0)


def test_a_retry_on_a_later_day_counts_what_is_missing_on_that_day(user, catalogue):
    job = failed(user, count=10, produced=4)
    yesterday()
    limit(user, cards_per_day=6)
    assert used(user) == 0
    control.retry(job, ring=silent, actor=somebody())
    assert used(user) == 6
    with pytest.raises(QuotaExceeded):
        order(user, count=1)


def test_failing_on_purpose_does_not_let_more_through(user, catalogue):
    limit(user, cards_per_day=10)
    jobs = [failed(user, count=10, produced=0) for _ in range(3)]
    yesterday()
    control.retry(jobs[0], ring=silent, actor=somebody())
    with pytest.raises(QuotaExceeded):
        control.retry(jobs[1], ring=silent, actor=somebody())


def test_a_retry_is_at_the_cost_of_the_key_that_ordered(user, catalogue):
    job = failed(user, count=10, produced=0, key=KEY)
    limit_key(cards_per_day=5)
    with pytest.raises(QuotaExceeded) as refused:
        control.retry(job, ring=silent, actor=somebody())
    assert refused.value.facts["of"] == "key"


def test_a_job_that_cannot_be_retried_says_so_whatever_the_quota(user, catalogue):
    job = order(user)
    limit(user, cards_per_day=1)
    with pytest.raises(moves.IllegalMove):
        control.retry(job, ring=silent, actor=somebody())


def test_clones_count(user, catalogue):
    limit(user, cards_per_day=15)
    job = order(user)
    with pytest.raises(QuotaExceeded):
        control.clone(job, origin=Origin(owner=user), ring=silent, now=timezone.now())


def test_one_keys_limit_does_not_bind_the_others(user, catalogue):
    limit_key(cards_per_day=10)
    order(user, key=KEY)
    order(user, key=KEY + 1)
    order(user)
    with pytest.raises(QuotaExceeded) as refused:
        order(user, key=KEY)
    assert refused.value.detail.startswith("The limit of this API key is 10 cards a day; 10 are")


def test_cards_minted_on_the_spot_count_and_are_active_no_more(user, catalogue):
    limit(user, cards_per_day=20, active_jobs=1)
    for _ in range(2):
        accepting.generate(order=an_order(), origin=Origin(owner=user))
    assert (used(user), used(user, Unit.JOBS)) == (20, 0)


def test_other_users_take_nothing_of_mine(user, other_user, catalogue):
    limit(user, cards_per_day=10)
    order(other_user, count=500)
    order(user)
    assert (used(user), used(other_user)) == (10, 500)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"api_key_id": 1, "user": True}, {"api_key_id": 1, "cards_per_day": 10**12 + 1},
     {"api_key_id": 1, "active_jobs": -1}],
)  # fmt: skip
def test_the_database_refuses_quotas_that_make_no_sense(user, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Quota.objects.create(**wrong | ({"user": user} if wrong.get("user") else {}))


def test_old_counts_are_deleted_and_todays_kept(user):
    today = timezone.now().date()
    for days in (0, 1, 3):
        TakenAtOnce.objects.create(owner=user, day=today - days * DAY, stripe=0, cards=days + 1)
    assert quotas.forget() == 1
    assert used(user) == 1


def test_one_row_for_all_that_a_connection_takes_in_a_day(user):
    by = quotas.Orderer(user_id=user.pk)
    for _ in range(3):
        quotas.admit_renewals(by, cards=5)
    assert (TakenAtOnce.objects.count(), used(user)) == (1, 15)


def test_nothing_of_this_stands_in_the_audit_trail_unless_a_limit_changes(user, catalogue):
    limit(user, cards_per_day=100)
    order(user)
    work.work(duration=LONG)
    assert not entries().exists()
