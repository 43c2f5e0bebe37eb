"""What follows from a finding: a row, a message to operators, a suspended key."""

import time
from datetime import timedelta
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework.test import APIClient

from cardgen.access import limits
from cardgen.access.authentication.sockets import identify
from cardgen.access.keys import suspension
from cardgen.access.models import ApiKey
from cardgen.anomalies import looking, rules
from cardgen.anomalies.models import Anomaly, KeyHour
from jobs.models import Delivery
from jobs.models import Event as WebhookEvent
from jobs.webhooks import delivery
from tests.support.answers import assert_problem
from tests.support.keys import create_key
from tests.support.threads import at_once
from tests.support.webhooks import register
from toolkit import tally
from toolkit.actor import Actor, Via
from toolkit.rates import Meter
from uniqueness.models import AuditEntry

URL = "/api/v1/anomalies"
TIERS = "/api/v1/tiers"
HOOK = "https://example.com/alarm"
BOSS = Actor(name="root", via=Via.ADMIN)


@pytest.fixture
def noisy(api, key, monkeypatch) -> APIClient:
    """A client whose next look finds something."""
    monkeypatch.setattr(rules.RefusedRanges, "most", 0)
    api.post("/api/v1/cards/generate-async", {"range": "999999-16", "count": 1})
    return api


def client_of(user: User, **key: object) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=create_key(user=user, name="k", **key))
    return client


def test_operators_who_asked_for_it_are_told(noisy, look, operator, key):
    register(operator, HOOK, event=WebhookEvent.ANOMALY_FOUND)
    register(operator, HOOK, event=WebhookEvent.JOB_FINISHED)
    look()
    waiting = Delivery.objects.get()
    told = waiting.message or {}
    assert (waiting.event, waiting.job, told["api_key"]) == ("anomaly.found", None, key.pk)
    (letter,) = delivery.take(delivery.heads())
    assert b'"refused_ranges"' in letter.body


def test_others_are_not(api, operator, noisy, look):
    body = {"url": HOOK, "events": ["anomaly.found"]}
    assert_problem(api.post("/api/v1/webhooks", body), 403, "event_reserved")
    register(operator, HOOK, event=WebhookEvent.ANOMALY_FOUND)
    User.objects.filter(pk=operator.pk).update(is_superuser=False)
    look()
    assert not Delivery.objects.exists()


def test_deliveries_of_no_job_are_listed(operator, noisy, look):
    made = register(operator, HOOK, event=WebhookEvent.ANOMALY_FOUND)
    look()
    shown = client_of(operator).get(f"/api/v1/webhooks/{made.id}/deliveries").json()
    assert shown["results"][0]["job"] is None


def test_nothing_is_suspended_unless_it_is_so_set(noisy, look):
    assert look()[0].suspended is False
    assert noisy.get("/api/v1/tiers").status_code == 200


def test_a_key_is_suspended_and_comes_back(noisy, look, key, settings):
    settings.CARDGEN_ANOMALY_SUSPEND = ["refused_ranges"]
    assert look()[0].suspended is True
    assert_problem(noisy.get("/api/v1/tiers"), 401, "not_authenticated")
    key.refresh_from_db()
    assert key.suspended_reason == "anomaly refused_ranges"
    (noted,) = AuditEntry.objects.filter(action="suspend_key")
    assert (noted.subject, noted.via) == (f"API key {key.pk}", "system")
    ApiKey.objects.update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert noisy.get("/api/v1/tiers").status_code == 200


def test_whoever_goes_on_after_the_hold_is_held_again_and_told_once(noisy, look, key, settings):
    settings.CARDGEN_ANOMALY_SUSPEND = ["refused_ranges"]
    look()
    ApiKey.objects.update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert look() == []
    assert_problem(noisy.get(TIERS), 401, "not_authenticated")
    assert AuditEntry.objects.filter(action="suspend_key").count() == 2
    assert Anomaly.objects.get().suspended is True


def test_a_hold_that_was_lifted_stays_lifted_that_day(noisy, look, key, settings):
    settings.CARDGEN_ANOMALY_SUSPEND = ["refused_ranges"]
    look()
    suspension.lift(ApiKey.objects.all(), actor=BOSS)
    look()
    assert noisy.get(TIERS).status_code == 200


@pytest.fixture
def slowed(noisy, look, settings, monkeypatch) -> APIClient:
    """A client whose key a rule has put on two requests."""
    settings.CARDGEN_ANOMALY_THROTTLE = ["refused_ranges"]
    two = Meter(f"key-throttled-{time.time_ns()}", most=2, seconds=6_000)
    monkeypatch.setattr(limits, "_throttled", two)
    (found,) = look()
    assert (found.throttled, found.suspended) == (True, False)
    return noisy


@pytest.fixture
def other(key, user) -> APIClient:
    """A client with another key of the user, made before."""
    return client_of(user)


def test_a_key_is_slowed_down_and_told_so(other, slowed, key):
    answers = [slowed.get(TIERS) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one["RateLimit"].partition("throttled")[2].split(";")[1] for one in answers] == [
        "r=1", "r=0", "r=0",
    ]  # fmt: skip
    assert "q=2;w=6000" in answers[0]["RateLimit-Policy"]
    assert "throttled" not in other.get(TIERS)["RateLimit"]
    (noted,) = AuditEntry.objects.filter(action="throttle_key")
    assert (noted.subject, noted.via) == (f"API key {key.pk}", "system")
    assert noted.reason == "anomaly refused_ranges"


def test_it_goes_on_as_before_after_a_while(slowed):
    ApiKey.objects.update(throttled_until=timezone.now() - timedelta(seconds=1))
    assert "throttled" not in slowed.get(TIERS)["RateLimit"]


def test_an_administrator_lifts_it(slowed, key, admin_browser):
    admin_browser.post("/admin/access/apikey/", {"action": "lift", "_selected_action": [key.pk]})
    assert "throttled" not in slowed.get(TIERS)["RateLimit"]
    assert AuditEntry.objects.filter(action="lift_suspension").exists()


def test_nobody_is_slowed_down_unless_it_is_so_set(noisy, look):
    assert look()[0].throttled is False
    assert "throttled" not in noisy.get(TIERS)["RateLimit"]


def test_a_suspended_key_opens_no_socket(user, db):
    key = create_key(user=user, name="k")
    assert identify({"x-api-key": key}, None) == user
    suspension.suspend(ApiKey.objects.all(), reason="a test", actor=BOSS)
    assert identify({"x-api-key": key}, None) is None
    assert suspension.lift(ApiKey.objects.all(), actor=BOSS) == 1
    assert identify({"x-api-key": key}, None) == user


def test_a_suspension_keeps_its_reason_and_its_end(user, db):
    create_key(user=user, name="k")
    assert suspension.suspend(ApiKey.objects.all(), reason="first", actor=BOSS) == 1
    assert suspension.suspend(ApiKey.objects.all(), reason="second", actor=BOSS) == 0
    assert ApiKey.objects.get().suspended_reason == "first"


def test_operators_list_them_and_others_do_not(noisy, look, operator):
    look()
    boss = client_of(operator)
    (shown,) = boss.get(URL).json()["results"]
    assert (shown["rule"], shown["suspended"]) == ("refused_ranges", False)
    assert shown["throttled"] is False
    assert boss.get(URL, {"rule": "key_rate"}).json()["results"] == []
    assert boss.get(URL, {"after": shown["id"]}).json()["results"] == []
    assert boss.get(URL, {"rule": "weather"}).status_code == 400
    assert noisy.get(URL).status_code == 403


def test_the_admin_shows_them_and_suspends_keys(noisy, look, admin_browser, key):
    look()
    page = admin_browser.get("/admin/anomalies/anomaly/")
    assert b"refused_ranges" in page.content
    for action, is_suspended in (("suspend", True), ("lift", False)):
        sent = {"action": action, "_selected_action": [key.pk]}
        admin_browser.post("/admin/access/apikey/", sent)
        key.refresh_from_db()
        assert (key.suspended_at is not None) is is_suspended


@pytest.mark.django_db(transaction=True)
def test_of_several_that_look_at_once_none_says_it_twice(noisy):
    tally.flush()
    found = at_once(4, lambda _: looking.look())
    assert sum(map(len, found)) == Anomaly.objects.count() == 1


def test_old_history_is_forgotten(key, look):
    KeyHour.objects.create(api_key=key, hour=timezone.now() - timedelta(days=31), requests=1)
    look()
    assert not KeyHour.objects.exists()


def test_a_cache_server_that_is_away_ends_nothing(monkeypatch, db):
    stop, asked = Event(), []

    def gone() -> None:
        asked.append(1)
        stop.set()
        raise RedisError

    monkeypatch.setattr(looking, "look", gone)
    monkeypatch.setattr(looking, "EVERY_SECONDS", 0.01)
    looking.run(stop=stop)
    assert asked
    connection.ensure_connection()
