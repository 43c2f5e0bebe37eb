"""No job is told to a URL whose owner has not answered."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from standardwebhooks import WebhookVerificationError

from jobs import states
from jobs.models import CHALLENGE, Delivery, Event, Status, Webhook, WebhookDay
from jobs.webhooks import budget, hooks
from jobs.webhooks.delivery import MOST_FAILED
from tests.support.webhooks import deliver, make_due, register

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registered(user, receiver):
    """A webhook that was registered just now, and its secret."""
    return hooks.register(owner=user, url=f"{receiver.url}/hook", events=[Event.JOB_FINISHED])


def documented(name: str) -> Callable[..., Any]:
    """Return a function of docs/webhooks.md."""
    page = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (code,) = (one for one in examples if f"def {name}(" in one)
    found: dict[str, Any] = {}
    exec(code, found)
    return found[name]


def end(submit) -> None:
    states.move(submit(count=1).id, to=Status.CANCELLED)


def only() -> Webhook:
    return Webhook.objects.get()


def test_the_challenge_comes_first_and_a_job_when_it_was_answered(registered, receiver, submit):
    end(submit)
    receiver.echoes = True
    deliver()
    events = [request.headers["X-Cardgen-Event"] for request in receiver.requests]
    assert events == [CHALLENGE, "job.finished"]
    assert only().verified_at is not None


@pytest.mark.parametrize("status", [200, 404])
def test_an_answer_without_the_challenge_proves_nothing(registered, receiver, submit, status):
    receiver.answers = [status]
    end(submit)
    assert deliver() == 1
    assert "job" not in json.loads(receiver.requests[0].body)
    assert only().verified_at is None
    challenge = Delivery.objects.get(event=CHALLENGE)
    assert challenge.state == "waiting"
    assert ("did not hold the challenge" in challenge.error) == (status == 200)


def test_a_standard_library_takes_the_messages(registered, receiver, submit):
    receiver.echoes = True
    end(submit)
    deliver()
    read, genuine = documented("read"), documented("genuine")
    for request in receiver.requests:
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert read(registered.secret, request.body, headers) == json.loads(request.body)
        assert genuine(registered.secret, request.body, headers["x-cardgen-signature"])
        assert headers["webhook-id"] == headers["x-cardgen-delivery"]
        with pytest.raises(WebhookVerificationError):
            read(registered.secret, request.body + b" ", headers)


def test_webhooks_of_before_there_were_challenges_are_asked_once(registered, receiver, submit):
    Delivery.objects.all().delete()
    asking = import_module("jobs.migrations.0007_challenges_for_all").ASK
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(asking)
    end(submit)
    receiver.echoes = True
    deliver()
    events = [request.headers["X-Cardgen-Event"] for request in receiver.requests]
    assert events == [CHALLENGE, "job.finished"]
    assert re.fullmatch("[0-9a-f]{64}", json.loads(receiver.requests[0].body)["challenge"])


def test_a_webhook_that_is_verified_is_not_asked_again(webhook):
    with connection.cursor() as cursor:
        cursor.execute(import_module("jobs.migrations.0007_challenges_for_all").ASK)
    assert not Delivery.objects.exists()


def test_one_who_never_answered_is_told_nothing_of_later_jobs(registered, submit):
    Webhook.objects.update(created_at="2026-01-01T00:00:00Z")
    end(submit)
    assert not Delivery.objects.exclude(event=CHALLENGE).exists()


def fail(receiver, submit, times: int) -> None:
    for _ in range(times):
        end(submit)
        Delivery.objects.filter(state="waiting").update(attempts=7)
        receiver.answers = [500]
        make_due()
        deliver()


def test_a_webhook_stops_when_nothing_arrives_and_its_owner_is_told(
    webhook, receiver, submit, api, client: Client, user
):
    fail(receiver, submit, MOST_FAILED - 1)
    assert only().stopped_at is None
    fail(receiver, submit, 1)
    (shown,) = api.get("/api/v1/webhooks").json()["results"]
    assert shown["stopped_at"] is not None
    client.force_login(user)
    assert "was stopped" in client.get("/").content.decode()
    end(submit)
    assert deliver() == 0


def test_one_that_arrives_in_between_begins_the_count_anew(webhook, receiver, submit):
    fail(receiver, submit, MOST_FAILED - 1)
    end(submit)
    deliver()
    assert only().failed == 0


def test_a_stopped_webhook_goes_on_when_a_message_is_sent_again(webhook, receiver, submit, user):
    fail(receiver, submit, MOST_FAILED)
    hooks.resend(Delivery.objects.first().pk, owner=user)
    assert deliver() == 1
    assert only().stopped_at is None


def test_an_owner_has_so_many_messages_a_day_and_half_of_them_for_one_host(
    webhook, receiver, submit, settings
):
    settings.CARDGEN_WEBHOOK_MESSAGES = 4
    for _ in range(3):
        end(submit)
    assert deliver() == 2
    assert Delivery.objects.filter(state="waiting").count() == 1


def test_all_hosts_together_have_no_more_than_the_day_has(user, receiver, submit, settings):
    settings.CARDGEN_WEBHOOK_MESSAGES = 4
    for number in range(3):
        name = "localhost" if number else "127.0.0.1"
        register(user, f"{receiver.url.replace('127.0.0.1', name)}/{number}")
    for _ in range(3):
        end(submit)
    assert deliver() <= 4


def test_another_owner_and_another_day_have_their_own(webhook, receiver, submit, settings):
    settings.CARDGEN_WEBHOOK_MESSAGES = 2
    end(submit)
    assert deliver() == 1
    end(submit)
    assert deliver() == 0
    WebhookDay.objects.update(day="2026-01-01")
    assert deliver() == 1
    budget.forget_days()
    assert WebhookDay.objects.count() == 1
