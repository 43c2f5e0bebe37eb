"""A delivery is written when a job ends, in the same transaction."""

import pytest
from django.db import connection, transaction

from jobs import control, states, work
from jobs.models import Delivery, Job, Status, Webhook
from jobs.webhooks import hooks as webhooks
from jobs.work import loop
from jobs.work.leases import Lease
from tests.support.actors import somebody
from tests.support.claims import claim
from tests.support.fixtures import silent
from tests.support.slots import exclude_slots
from tests.support.threads import at_once
from tests.support.webhooks import only, register
from tests.support.work import LONG
from uniqueness.models import Card


def test_a_job_that_succeeds_is_to_be_told(webhook, submit):
    job = submit()
    assert not Delivery.objects.exists()
    work.work(duration=LONG)
    found = only()
    assert (found.webhook, found.job, found.state) == (webhook, job, "waiting")
    assert (found.event, found.attempts) == ("job.finished", 0)


LONG_WAY = [
    {"scheme": "visa", "count": 1_000, "distinct_last_four": True},
    {"items": [{"scheme": "visa", "count": 1}, {"scheme": "mastercard", "count": 1}]},
    {"scheme": "visa", "count": 1, "defect": "luhn"},
]


@pytest.mark.parametrize("order", [{"scheme": "visa", "count": 2}, *LONG_WAY])
def test_cards_answered_are_told_if_asked_for_alone(webhook, api, order):
    assert api.post("/api/v1/cards/generate", order).status_code == 201
    assert not Delivery.objects.exists()
    assert api.post("/api/v1/cards/generate", order | {"tell_webhooks": True}).status_code == 201
    assert only().event == "job.finished"


def test_an_order_by_iin_may_ask_to_be_told(webhook, api):
    order = {"iin": "476173", "count": 1, "tell_webhooks": True}
    assert api.post("/api/v1/cards/generate-from-bin", order).status_code == 201
    assert only().event == "job.finished"


def test_a_claim_is_told_if_asked_for_alone(webhook, api, small_range):
    claim(api, small_range, start=small_range.iin, count=1)
    assert not Delivery.objects.exists()
    claim(api, small_range, start=small_range.iin, count=1, tell_webhooks=True)
    assert only().event == "job.finished"


def test_cards_are_answered_and_not_told_when_no_stock_is_left(webhook, api, monkeypatch):
    monkeypatch.setattr("jobs.orders.at_once.issue", lambda **_: None)
    assert api.post("/api/v1/cards/generate", {"scheme": "visa", "count": 2}).status_code == 201
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("asked_for", [False, True])
def test_cards_that_were_not_made_are_told_if_asked_for_alone(webhook, api, small_range, asked_for):
    Card.objects.create(slot=small_range.first_slot, pan="1", expiry="2030-01-31", cvv="123")
    order = {"range": small_range.name, "count": 2, "tell_webhooks": asked_for}
    api.post("/api/v1/cards/generate", order)
    assert Job.objects.get().status == Status.FAILED
    assert Delivery.objects.exists() == asked_for


def test_what_is_excluded_while_cards_are_made_is_made_up_for_and_not_told(
    webhook, api, small_range, monkeypatch
):
    mint = work.execute

    def exclude_first(lease: Lease) -> None:
        exclude_slots(small_range, 1)
        mint(lease)

    monkeypatch.setattr(loop, "execute", exclude_first)
    order = {"range": small_range.name, "count": 5}
    answer = api.post("/api/v1/cards/generate", order)
    assert (answer.status_code, len(answer.json()["cards"])) == (201, 5)
    assert not Delivery.objects.exists()


def test_a_small_order_that_waited_is_told(webhook, api):
    control.set_queue(paused=True, reason="a test of webhooks", actor=somebody("root"), ring=silent)
    api.post("/api/v1/cards/generate", {"scheme": "visa", "count": 2})
    control.set_queue(
        paused=False, reason="a test of webhooks", actor=somebody("root"), ring=silent
    )
    work.work(duration=LONG)
    assert only().job == Job.objects.get(status=Status.SUCCEEDED)


@pytest.mark.parametrize("end", [Status.FAILED, Status.CANCELLED])
def test_every_end_is_told(webhook, submit, end):
    assert states.move(submit().id, to=end)
    assert only().state == "waiting"


def test_a_move_that_is_not_made_or_no_end_tells_nothing(webhook, submit):
    job = submit()
    assert not states.move(job.id, to=Status.SUCCEEDED)
    assert states.move(job.id, to=Status.RUNNING)
    assert not Delivery.objects.exists()


def test_a_job_that_ends_twice_is_told_twice(webhook, submit):
    job = submit()
    for to in (Status.FAILED, Status.QUEUED, Status.CANCELLED):
        assert states.move(job.id, to=to)
    assert Delivery.objects.filter(job=job).count() == 2


def test_each_webhook_of_the_owner_is_told_and_nobody_else(webhook, submit, other_user, receiver):
    second = register(webhook.owner, receiver.url)
    register(other_user, receiver.url)
    states.move(submit().id, to=Status.CANCELLED)
    told = set(Delivery.objects.values_list("webhook_id", flat=True))
    assert told == {webhook.pk, second.pk}


def test_a_webhook_that_did_not_ask_for_it_is_not_told(webhook, submit):
    Webhook.objects.update(events=["something.else"])
    states.move(submit().id, to=Status.CANCELLED)
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(webhook, submit):
    job = submit()
    with transaction.atomic():
        states.move(job.id, to=Status.CANCELLED)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert Job.objects.get().status == "queued"


@pytest.mark.django_db(transaction=True)
def test_webhooks_deleted_while_jobs_end_break_neither(user, submit, receiver):
    jobs = [submit(count=1) for _ in range(8)]
    hooks = [register(user, receiver.url) for _ in range(8)]

    def act(number: int) -> bool:
        if number % 2:
            return webhooks.delete(hooks[number // 2].pk, owner=user)
        return states.move(jobs[number // 2].id, to=Status.CANCELLED)

    assert at_once(16, act) == [True] * 16
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_deletion_waits_for_the_job_that_tells_its_webhook(webhook, submit):
    job = submit(count=1)
    with transaction.atomic():
        states.move(job.id, to=Status.CANCELLED)
        (refused,) = at_once(1, lambda _: delete_impatiently(webhook))
        assert "lock timeout" in str(refused)
    assert webhooks.delete(webhook.pk, owner=webhook.owner)
    assert not Delivery.objects.exists()


def delete_impatiently(webhook):
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    return webhooks.delete(webhook.pk, owner=webhook.owner)
