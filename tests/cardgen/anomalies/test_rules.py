"""Each rule: what it finds in real requests, and what it leaves alone."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cardgen.anomalies import rules, signs
from cardgen.anomalies.models import Anomaly, KeyHour, KeyNetwork
from cardgen.anomalies.names import RuleName
from jobs import states
from jobs.models import Job, Status
from tests.support.fixtures import register
from tests.support.slots import pans_from
from toolkit import tally
from toolkit.networks import network_of
from toolkit.valkey.connections import client

CHECK, LOOKUP, CLAIM = "/api/v1/cards/check", "/api/v1/test-cards/lookup", "/api/v1/cards/claim"
NOW, ASYNC = "/api/v1/cards/generate", "/api/v1/cards/generate-async"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_every_name_is_a_rules_and_every_rule_has_one():
    assert [rule.name for rule in rules.RULES] == list(RuleName)


def remember(key, *, hours: int, requests: int) -> None:
    begun = timezone.now().replace(minute=0, second=0, microsecond=0)
    KeyHour.objects.bulk_create(
        KeyHour(api_key=key, hour=begun - ago * HOUR, requests=requests)
        for ago in range(1, hours + 1)
    )


def guesses(count: int) -> list[str]:
    """Numbers of a range that nobody has ordered from."""
    return pans_from(register(iin="99999901", pan_length=16), 0, count)


def test_a_key_used_far_more_than_ever_is_told_once(key, look):
    remember(key, hours=24, requests=600)
    tally.add(f"request {key.pk}", 6_001)
    (found,) = look()
    assert (found.rule, found.subject, found.api_key, found.user) == (
        *("key_rate", f"key {key.pk}"),
        *(key, key.user),
    )
    assert look() == []


@pytest.mark.parametrize(
    ("hours", "before", "now"), [(23, 600, 60_000), (24, 601, 6_010), (24, 1, 5_000)]
)
def test_a_young_a_busy_and_a_little_used_key_are_not(key, look, hours, before, now):
    remember(key, hours=hours, requests=before)
    tally.add(f"request {key.pk}", now)
    assert look() == []


def test_requests_become_the_history_of_their_key(api, key, look):
    for _ in range(3):
        api.get("/api/v1/tiers")
    look()
    look()
    assert KeyHour.objects.get(api_key=key).requests == 3


@pytest.mark.parametrize("route", [CHECK, LOOKUP])
def test_numbers_of_nobody_asked_for_by_the_thousand_are_told(api, key, look, route):
    numbers = guesses(10_000)
    assert api.post(route, {"numbers": numbers}).status_code == 200
    (found,) = look()
    assert (found.rule, found.api_key) == ("enumeration", key)
    assert found.facts == {"prefix": "999999", "missed": 10_000, "asked": 10_000}


def test_who_checks_cards_that_exist_is_left_alone(api, look, monkeypatch):
    monkeypatch.setattr(rules.Enumeration, "least", 5)
    issued = api.post(NOW, {"scheme": "visa", "count": 20}).json()["cards"]
    numbers = [card["pan"] for card in issued]
    others = pans_from(Job.objects.get().items.get().issuer_range, 10_000, 10)
    assert api.post(CHECK, {"numbers": numbers + others}).status_code == 200
    assert look() == []


def test_numbers_of_many_prefixes_are_no_enumeration(api, look, monkeypatch):
    monkeypatch.setattr(rules.Enumeration, "least", 20)
    numbers = [f"{prefix}0000000000" for prefix in range(222_100, 222_200)]
    api.post(CHECK, {"numbers": numbers})
    assert look() == []


def test_claims_of_numbers_that_are_taken_count_as_misses(api, key, look, monkeypatch):
    monkeypatch.setattr(rules.Enumeration, "least", 30)
    owned = register(iin="99999901", pan_length=16)
    numbers = pans_from(owned, 0, 30)
    api.post(NOW, {"range": owned.name, "count": 30})
    assert api.post(CLAIM, {"range": owned.name, "numbers": numbers}).status_code == 409
    (found,) = look()
    assert (found.rule, found.facts["prefix"]) == ("enumeration", "999999")


def test_filters_that_are_not_there_are_told(api, key, look, monkeypatch):
    monkeypatch.setattr(rules.FilterHarvest, "most_missed", 2)
    for window in range(3):
        assert api.get(f"/api/v1/uniqueness/bloom/400000-16/{window}").status_code == 404
    (found,) = look()
    assert (found.rule, found.facts) == ("filter_harvest", {"fetched": 0, "missed": 3})


def test_ranges_that_are_refused_again_and_again_are_told(api, key, look, monkeypatch):
    monkeypatch.setattr(rules.RefusedRanges, "most", 2)
    for _ in range(3):
        assert api.post(ASYNC, {"range": "999999-16", "count": 1}).status_code == 422
    (found,) = look()
    assert (found.rule, found.facts) == ("refused_ranges", {"refused": 3})


def test_a_session_is_told_as_its_user(browser, user, look, monkeypatch):
    monkeypatch.setattr(rules.Enumeration, "least", 30)
    browser.post(CHECK, json.dumps({"numbers": guesses(30)}), content_type="application/json")
    (found,) = look()
    assert (found.subject, found.user, found.api_key) == (f"user {user.pk}", user, None)


def test_a_key_from_a_new_network_is_told(api, key, look):
    KeyNetwork.objects.create(
        api_key=key, network="192.0.2.0/24", first_seen=timezone.now() - 8 * DAY
    )
    api.get("/api/v1/tiers", REMOTE_ADDR="192.0.2.77")
    assert look() == []
    api.get("/api/v1/tiers", REMOTE_ADDR="198.51.100.7")
    (found,) = look()
    assert (found.rule, found.facts["networks"]) == ("new_network", ["198.51.100.0/24"])


def test_a_young_key_gets_to_know_its_networks(api, key, look):
    for address in ("192.0.2.1", "198.51.100.1"):
        api.get("/api/v1/tiers", REMOTE_ADDR=address)
        assert look() == []
    assert KeyNetwork.objects.filter(api_key=key).count() == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_networks_are_as_coarse_as_providers_give_them_out(address, network):
    assert network_of(address) == network


def test_failed_log_ins_are_told_by_user_and_by_network(user, look, monkeypatch):
    monkeypatch.setattr(rules.FailedLogins, "of_name", 2)
    monkeypatch.setattr(rules.FailedLogins, "of_network", 2)
    for _ in range(3):
        Client().login(username=user.username, password="wrong")
        tally.add("login-network 192.0.2.0/24")
    found = {row.subject: row.user for row in look()}
    assert found == {f"user {user.username}": user, "network 192.0.2.0/24": None}


def test_what_is_typed_as_a_user_name_is_not_kept(db):
    Client().login(username="4111111111111111", password="wrong")
    tally.flush()
    kept = b"".join(name for key in client().scan_iter("cardgen:*") for name in _names(key))
    assert b"4111111111111111" not in kept


def _names(key: bytes) -> list[bytes]:
    return list(client().hgetall(key)) if client().type(key) == b"hash" else []


def test_a_large_part_of_a_range_taken_in_a_day_is_told(submit, user, look):
    owned = register(iin="99999902", pan_length=14)
    for _ in range(3):
        submit(range=owned.name, count=6_700)
    (found,) = look()
    assert (found.rule, found.user) == ("range_share", user)
    assert found.facts == {"range": owned.name, "taken": 20_100, "left": 79_900}


def test_what_was_cancelled_or_is_little_is_no_part(submit, look):
    owned = register(iin="99999902", pan_length=14)
    job = submit(range=owned.name, count=30_000)
    states.move(job.id, to=Status.CANCELLED)
    small = register(iin="99999903", pan_length=12)
    submit(range=small.name, count=1_000)
    assert look() == []


def test_no_number_is_counted_or_written_down(api, look):
    numbers = guesses(10_000)
    api.post(CHECK, {"numbers": numbers})
    look()
    rows = json.dumps(list(Anomaly.objects.values("subject", "detail", "facts")))
    counted = " ".join(signs.read(signs.utc_now()).recent)
    assert not any(number in rows or number in counted for number in numbers[:100])
    assert User.objects.exists()
