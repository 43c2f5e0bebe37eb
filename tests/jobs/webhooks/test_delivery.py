"""Deliveries: signed, retried, recorded."""

import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import states
from jobs.models import Delivery, Job, Status, Webhook
from jobs.webhooks import delivery, hooks
from jobs.webhooks.courier import Courier
from tests.support.threads import at_once
from tests.support.webhooks import SECRET, deliver, make_due, only


@pytest.fixture
def told(webhook: Webhook, submit) -> Job:
    """A job that has ended; its delivery waits."""
    job = submit(count=3)
    states.move(job.id, to=Status.CANCELLED)
    return job


def test_a_delivery_is_the_job_as_the_api_shows_it(told, receiver, api):
    assert deliver() == 1
    (request,) = receiver.requests
    assert json.loads(request.body) == api.get(f"/api/v1/cards/jobs/{told.id}").json()
    assert (request.path, request.headers["Content-Type"]) == (
        "/hook?team=a",
        "application/json",
    )
    assert request.headers["Host"] == receiver.url.removeprefix("http://")
    assert request.headers["X-Cardgen-Event"] == "job.finished"
    assert request.headers["X-Cardgen-Delivery"] == str(only().pk)


def test_a_delivery_is_signed_with_the_secret_and_the_time(told, receiver):
    deliver()
    (request,) = receiver.requests
    at, given = request.headers["X-Cardgen-Signature"].split(",")
    assert abs(int(at.removeprefix("t=")) - time.time()) < 30
    signed = at.removeprefix("t=").encode() + b"." + request.body
    assert given == "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


def test_what_arrived_is_done_and_not_sent_again(told, receiver):
    deliver()
    found = only()
    assert (found.state, found.attempts, found.last_status) == ("delivered", 1, 200)
    assert found.error == ""
    assert found.finished_at is not None
    assert not delivery.heads()
    assert deliver() == 0
    assert len(receiver.requests) == 1


def test_a_server_that_fails_twice_gets_it_the_third_time(told, receiver):
    receiver.answers += [500, 503]
    for _ in range(3):
        assert deliver() == 1
        make_due()
    assert (only().state, only().attempts) == ("delivered", 3)
    assert len({request.headers["X-Cardgen-Delivery"] for request in receiver.requests}) == 1


def test_a_failed_attempt_tells_why_and_waits(told, receiver):
    receiver.answers.append(500)
    deliver()
    found = only()
    assert (found.state, found.last_status, found.error) == (
        "waiting",
        500,
        "The host answered 500.",
    )
    assert not delivery.heads()
    assert deliver() == 0


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 30), (3, 90), (7, 7290)])
def test_pauses_grow_threefold(told, receiver, attempt, seconds):
    receiver.answers.append(500)
    Delivery.objects.update(attempts=attempt - 1)
    deliver()
    pause = (only().not_before - timezone.now()).total_seconds()
    assert 0.8 * seconds - 5 < pause < 1.2 * seconds + 5


def test_pauses_are_not_all_the_same(webhook, submit, receiver):
    for _ in range(6):
        states.move(submit(count=1).id, to=Status.CANCELLED)
    receiver.answers += [500] * 6
    deliver()
    pauses = Delivery.objects.values_list("not_before", flat=True)
    assert max(pauses) - min(pauses) > timedelta(seconds=0.2)


def test_the_eighth_failure_is_the_last(told, receiver):
    receiver.answers += [500] * 9
    for _ in range(9):
        deliver()
        make_due()
    assert (only().state, only().attempts) == ("failed", 8)
    assert len(receiver.requests) == 8


def test_a_message_whose_sender_always_dies_comes_to_an_end(told, receiver):
    Delivery.objects.update(attempts=delivery.MAX_ATTEMPTS)
    assert deliver() == 0
    assert (only().state, only().error) == ("failed", "The process that sent it died.")
    assert not receiver.requests


def test_a_redirect_is_a_failure_and_not_followed(told, receiver):
    receiver.answers += [307]
    deliver()
    assert (only().state, only().last_status) == ("waiting", 307)
    assert "redirects are not followed" in only().error
    assert len(receiver.requests) == 1


def test_an_address_is_checked_again_at_delivery(told, receiver, settings):
    settings.CARDGEN_WEBHOOK_NETWORKS = []
    deliver()
    assert (only().state, only().error) == ("waiting", "The URL is no longer allowed.")
    assert not receiver.requests


def test_a_secret_of_another_master_key_signs_nothing(told, receiver, settings):
    settings.CARDGEN_MASTER_KEY = bytes(32)
    assert deliver() == 0
    assert "master key" in only().error
    assert not receiver.requests


def test_owners_who_may_not_sign_in_are_told_nothing(told, receiver, user):
    user.is_active = False
    user.save()
    assert deliver() == 0
    assert not receiver.requests


@pytest.mark.django_db(transaction=True)
def test_many_deliverers_at_once_send_each_message_once(webhook, submit, receiver):
    for _ in range(6):
        states.move(submit(count=1).id, to=Status.CANCELLED)
    sent = at_once(4, lambda _: deliver())
    assert sum(sent) == 6
    ids = [request.headers["X-Cardgen-Delivery"] for request in receiver.requests]
    assert len(ids) == len(set(ids)) == 6
    assert not Delivery.objects.exclude(state="delivered").exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_being_sent_is_sent_by_nobody_else(told, receiver):
    receiver.may_answer.clear()

    def act(number: int) -> int:
        if number == 0:
            return deliver()
        assert receiver.arrived.wait(10)
        sent = deliver()
        receiver.may_answer.set()
        return sent

    assert at_once(2, act) == [1, 0]
    assert (only().state, len(receiver.requests)) == ("delivered", 1)


def test_a_sender_that_comes_late_changes_nothing(told, receiver):
    receiver.may_answer.clear()
    receiver.answers.append(500)
    late = Courier()
    late.send_due()
    Delivery.objects.update(state="delivered", finished_at=timezone.now())
    hooks.resend(only().pk, owner=told.owner)
    receiver.may_answer.set()
    late.record_back(within=30)
    assert (only().state, only().attempts, only().last_status) == ("waiting", 0, None)
    assert deliver() == 1
    assert only().state == "delivered"
