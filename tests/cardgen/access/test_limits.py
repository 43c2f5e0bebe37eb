"""Limits of requests: by key and user, told and kept; wrong keys by address."""

import time

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from cardgen.access import limits
from tests.support.answers import assert_problem
from tests.support.keys import create_key
from toolkit.rates import Meter

HOOKS = "/api/v1/webhooks"


def meter(name: str, *, most: int) -> Meter:
    """A limit that no other test has counted for, and that no time fills again."""
    return Meter(f"{name}-{time.time_ns()}", most=most, seconds=6_000)


def client(key: str, address: str = "192.0.2.1") -> APIClient:
    return APIClient(REMOTE_ADDR=address, headers={"X-API-Key": key})


@pytest.fixture
def keys(user: User) -> list[str]:
    """Two keys of one user."""
    return [create_key(user=user, name=name) for name in ("one", "two")]


def test_a_key_has_its_limit_and_others_go_on(keys, monkeypatch):
    monkeypatch.setattr(limits, "_keys", meter("key-requests", most=3))
    answers = [client(keys[0]).get(HOOKS) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert int(answers[3]["Retry-After"]) > 0
    assert_problem(answers[3], 429, "too_many_requests")
    assert client(keys[1]).get(HOOKS).status_code == 200


def test_a_user_has_one_for_all_keys_and_sessions(keys, user, monkeypatch):
    monkeypatch.setattr(limits, "_users", meter("user-requests", most=2))
    signed_in = APIClient()
    signed_in.force_login(user)
    found = [one.get(HOOKS).status_code for one in (client(keys[0]), client(keys[1]), signed_in)]
    assert found == [200, 200, 429]


def test_pages_and_the_admin_count_for_a_user_too(admin_browser, monkeypatch):
    monkeypatch.setattr(limits, "_users", meter("user-requests", most=2))
    found = [admin_browser.get(path) for path in ("/", "/admin/", "/", "/admin/")]
    assert [one.status_code for one in found] == [200, 200, 429, 429]
    assert found[0]["RateLimit"].startswith('"user-requests')
    assert int(found[2]["Retry-After"]) > 0
    assert b"too_many_requests" in found[2].content
    assert admin_browser.get("/api/v1/webhooks").status_code == 429
    assert admin_browser.post("/logout").status_code == 302


def test_a_page_over_the_limit_does_nothing(browser, user, monkeypatch):
    monkeypatch.setattr(limits, "_users", meter("user-requests", most=1))
    assert browser.get("/keys").status_code == 200
    assert browser.post("/keys", {"name": "one", "scopes": ["jobs"]}).status_code == 429
    assert not user.api_keys.exists()


def test_every_answer_tells_what_is_left(keys):
    first = client(keys[0]).get(HOOKS)
    assert first["RateLimit-Policy"] == '"user-requests";q=60000;w=60, "key-requests";q=60000;w=60'
    assert first["RateLimit"] == '"user-requests";r=59999;t=1, "key-requests";r=59999;t=1'


def test_an_address_tries_few_wrong_keys_and_right_ones_go_on(keys, monkeypatch):
    monkeypatch.setattr(limits, "_wrong_keys", meter("wrong-keys", most=3))
    assert client(keys[0]).get(HOOKS).status_code == 200
    found = [client(f"cg_{number}").get(HOOKS).status_code for number in range(5)]
    assert found == [401, 401, 401, 429, 429]
    assert client(keys[0]).get(HOOKS).status_code == 200
    assert client("cg_x", "192.0.2.2").get(HOOKS).status_code == 401


def test_no_more_right_keys_are_remembered_than_said(monkeypatch, rf):
    monkeypatch.setattr(limits, "_MOST_KNOWN", 10)
    monkeypatch.setattr(limits, "_known", type(limits._known)())
    for number in range(20):
        limits.note_key(rf.get("/"), str(number), right=True)
    assert not limits.is_known("0")
    assert limits.is_known("19")
    assert len(limits._known) == 10
