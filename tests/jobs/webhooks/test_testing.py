"""A test message on request: whether messages arrive is seen without a job."""

import json

import pytest
from django.db.models.functions import Now

from jobs.models import CHALLENGE, Delivery, Event, Webhook
from jobs.webhooks import hooks
from tests.support.answers import assert_problem
from tests.support.webhooks import deliver, only

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/webhooks"


def test_a_test_message_arrives_signed_and_about_no_job(api, webhook, receiver):
    answer = api.post(f"{URL}/{webhook.id}/test")
    assert (answer.status_code, answer.json()["event"]) == (202, "webhook.test")
    assert (answer.json()["job"], answer.json()["state"]) == (None, "waiting")
    deliver()
    (arrived,) = receiver.requests
    assert arrived.headers["X-Cardgen-Event"] == "webhook.test"
    assert list(json.loads(arrived.body)) == ["test"]
    assert only().state == "delivered"


def test_a_test_that_waits_for_its_next_attempt_is_sent_at_once(api, webhook, receiver):
    receiver.answers = [500]
    first = api.post(f"{URL}/{webhook.id}/test").json()
    deliver()
    assert (only().state, deliver()) == ("waiting", 0)
    assert api.post(f"{URL}/{webhook.id}/test").json()["id"] == first["id"]
    assert deliver() == 1
    assert (only().state, len(receiver.requests)) == ("delivered", 2)


def test_before_the_challenge_is_answered_it_is_the_challenge_that_is_sent(api, user, receiver):
    webhook = hooks.register(owner=user, url=receiver.url, events=[Event.JOB_FINISHED]).webhook
    deliver()
    receiver.echoes = True
    assert api.post(f"{URL}/{webhook.id}/test").json()["event"] == CHALLENGE
    deliver()
    webhook.refresh_from_db()
    assert webhook.verified_at is not None
    assert only().event == CHALLENGE


def test_a_webhook_that_was_stopped_goes_on_with_a_test(api, webhook, receiver):
    Webhook.objects.update(stopped_at=Now(), failed=5)
    api.post(f"{URL}/{webhook.id}/test")
    assert deliver() == 1
    webhook.refresh_from_db()
    assert (webhook.stopped_at, webhook.failed) == (None, 0)


def test_nobody_tests_the_webhook_of_another(api, other_user):
    other = hooks.register(
        owner=other_user, url="https://hooks.example.com/", events=[Event.JOB_FINISHED]
    ).webhook
    assert_problem(api.post(f"{URL}/{other.id}/test"), 404, "not_found")
    assert not Delivery.objects.filter(event="webhook.test").exists()


@pytest.mark.parametrize(
    ("url", "network"),
    [
        ("http://localhost:9000/hook", "127.0.0.1/32"),
        ("http://10.1.2.3/hook", "10.1.2.3/32"),
        ("http://[::1]:9000/", "::1/128"),
    ],
)
def test_a_refused_url_names_the_setting_that_allows_it(api, settings, url, network):
    told = api.post(URL, {"url": url}).json()["detail"]
    assert f"CARDGEN_WEBHOOK_NETWORKS={network}" in told
