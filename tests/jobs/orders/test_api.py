"""Minting over HTTP: what is asked, what is refused, and that a refusal reserves nothing."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from generation.kernel.luhn import is_valid
from jobs.models import Job
from tests.support.answers import LATER, NOW, assert_problem
from tests.support.fixtures import register
from tests.support.keys import READ, create_key
from uniqueness.models import Card, Pool, Reservation

FIELDS = ["pan", "scheme", "expiry_month", "expiry_year", "cvv", "cardholder_name", "tier"]


def test_cards_come_at_once_with_the_fields_in_their_order(api):
    response = api.post(NOW, {"scheme": "visa", "count": 5}, format="json")
    assert response.status_code == 201
    cards = response.json()["cards"]
    assert [list(card) for card in cards] == [FIELDS] * 5
    assert len({card["pan"] for card in cards}) == 5
    assert all(is_valid(card["pan"]) and card["pan"].startswith("4") for card in cards)
    assert Job.objects.get().id.hex == response.json()["job"].replace("-", "")


def test_the_old_get_still_mints(api):
    response = api.get(NOW, {"vendor": "mastercard", "count": "3"})
    assert response.status_code == 201
    assert [card["scheme"] for card in response.json()["cards"]] == ["mastercard"] * 3


@pytest.mark.parametrize("name", ["iin", "bin"])
def test_cards_of_a_registered_iin(api, name):
    response = api.post("/api/v1/cards/generate-from-bin", {name: "476173", "count": 2})
    assert [card["pan"][:6] for card in response.json()["cards"]] == ["476173"] * 2


def test_fixed_values_are_on_every_card(api):
    body = {"scheme": "visa", "count": 3, "expiry": "2031-07", "cvv": "123"}
    cards = api.post(NOW, body | {"cardholder_name": "REFUSED"}, format="json").json()["cards"]
    values = {tuple(card[name] for name in FIELDS[2:6]) for card in cards}
    assert values == {(7, 2031, "123", "REFUSED")}


def test_a_job_is_accepted_with_its_place(api, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        response = api.post(LATER, {"scheme": "visa", "count": 1000, "label": "x"}, format="json")
    job = Job.objects.get()
    assert response.status_code == 202
    assert response["Location"] == f"/api/v1/cards/jobs/{job.id}/status"
    assert response["Retry-After"] == "1"
    assert list(response.json()) == [
        *("id", "status", "requested", "produced", "version", "rate", "eta_seconds", "label"),
        *("team", "created_at", "started_at", "finished_at", "error", "retries"),
        *("priority", "deadline"),
        *("items", "links"),
    ]
    assert len(callbacks) == 1


WRONG = [
    ({"scheme": "visa", "count": 0}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": -1}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": 10**12}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": "ten"}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": "10"}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": True}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": 1.5}, 400, "invalid_request", "/count"),
    ({"scheme": "visa", "count": None}, 400, "invalid_request", "/count"),
    ({"scheme": "visa"}, 400, "invalid_request", "/count"),
    ({"count": 5}, 400, "invalid_request", ""),
    ({}, 400, "invalid_request", ""),
    ([], 400, "invalid_request", ""),
    ({"scheme": "visa", "count": 5, "cuont": 6}, 400, "invalid_request", "/cuont"),
    ({"scheme": "visa", "range": "400000-16", "count": 5}, 400, "invalid_request", ""),
    ({"items": []}, 400, "invalid_request", "/items"),
    ({"items": [{"scheme": "visa", "count": 0}]}, 400, "invalid_request", "/items/0/count"),
    ({"items": [{"scheme": "visa", "count": 1}], "count": 1}, 400, "invalid_request", ""),
    ({"scheme": "visa", "count": 5, "expiry": "2031-13"}, 400, "invalid_request", "/expiry"),
    ({"scheme": "visa", "count": 5, "expiry": "2020-01"}, 400, "invalid_request", "/expiry"),
    ({"scheme": "visa", "count": 5, "expiry": 7}, 400, "invalid_request", "/expiry"),
    (
        {"scheme": "visa", "count": 5, "expiry": {"min_months": 5, "max_months": 4}},
        *(400, "invalid_request", "/expiry"),
    ),
    ({"scheme": "visa", "count": 5, "cvv": "12"}, 400, "invalid_request", "/cvv"),
    ({"scheme": "visa", "count": 5, "cvv": "١٢٣"}, 400, "invalid_request", "/cvv"),
    ({"scheme": "visa", "count": 5, "cardholder_name": "é"}, 400, "invalid_request", None),
    ({"scheme": "visa", "count": 5, "cardholder_name": 'A"B'}, 400, "invalid_request", None),
    ({"scheme": "visa", "count": 5, "label": "a\0b"}, 400, "invalid_request", "/label"),
    (
        {"scheme": "visa", "count": 5, "label": "as 4929 1234 5678 1236"},
        400,
        "invalid_request",
        "/label",
    ),
    ({"scheme": "visa", "count": 5, "cvv": "1234"}, 422, "invalid_order", None),
    ({"scheme": "vsa", "count": 5}, 422, "unknown_scheme", None),
    ({"scheme": "amex", "count": 5}, 422, "range_disabled", None),
    ({"range": "999999-16", "count": 5}, 422, "unregistered_iin", None),
    ({"range": "999999-x", "count": 5}, 422, "unregistered_iin", None),
    ({"range": "400000-99", "count": 5}, 422, "unregistered_iin", None),
]


@pytest.mark.parametrize("url", [NOW, LATER])
@pytest.mark.parametrize(("body", "status", "code", "pointer"), WRONG)
def test_a_wrong_request_is_told_why_and_reserves_nothing(api, url, body, status, code, pointer):
    problem = assert_problem(api.post(url, body, format="json"), status, code)
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]]
    for model in (Job, Reservation, Pool):
        assert not model.objects.exists()


def test_more_than_a_thousand_at_once_are_refused(api):
    problem = assert_problem(
        api.post(NOW, {"scheme": "visa", "count": 1001}, format="json"), 400, "invalid_request"
    )
    assert "1,000" in problem["detail"]
    assert "POST /api/v1/cards/generate-async" in problem["detail"]


def test_an_exhausted_range_says_what_is_left(api, small_range):
    body = {"range": small_range.name, "count": 1000}
    assert api.post(NOW, body, format="json").status_code == 201
    problem = assert_problem(api.post(NOW, body, format="json"), 409, "range_exhausted")
    assert (problem["left"], problem["range"]) == (0, small_range.name)
    assert Job.objects.count() == 1


def test_a_disabled_range_is_refused(api):
    register(iin="99999902", pan_length=12, enabled=False)
    response = api.post(NOW, {"range": "99999902-12", "count": 1}, format="json")
    assert_problem(response, 422, "range_disabled")


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "malformed_json"),
        ('{"count": NaN}', "application/json", 400, "malformed_json"),
        (b"\xff\xfe", "application/json", 400, "malformed_json"),
        ("scheme=visa", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
)
def test_what_is_not_json_is_refused(api, data, content_type, status, code):
    assert_problem(api.post(NOW, data, content_type=content_type), status, code)


def test_a_body_beyond_the_limit_is_refused(api):
    body = {"scheme": "visa", "count": 1, "label": "x" * 2_700_000}
    assert_problem(api.post(NOW, body), 413, "too_large")


def test_other_methods_are_refused(api):
    assert_problem(api.delete(LATER), 405, "method_not_allowed")


def test_without_a_key_nothing_works(catalogue):
    response = APIClient().post(NOW, {"scheme": "visa", "count": 1}, format="json")
    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["HTTP_AUTHORIZATION", "HTTP_X_API_KEY"])
def test_a_key_works_in_both_headers(catalogue, user, header):
    key = create_key(user=user, name="k")
    value = f"Bearer {key}" if header == "HTTP_AUTHORIZATION" else key
    response = APIClient().get("/api/v1/cards/jobs", **{header: value})
    assert response.status_code == 200


@pytest.mark.parametrize("spoil", ["revoked_at", "expires_at"])
def test_a_revoked_or_expired_key_is_refused(api, user, spoil):
    user.api_keys.update(**{spoil: "2020-01-01T00:00:00Z"})
    assert_problem(api.get("/api/v1/cards/jobs"), 401, "not_authenticated")


def test_the_key_of_an_inactive_user_is_refused(api, user):
    User.objects.update(is_active=False)
    assert_problem(api.get("/api/v1/cards/jobs"), 401, "not_authenticated")


def test_a_reading_key_cannot_mint(catalogue, user):
    key = create_key(user=user, name="reader", scopes=READ)
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=key)
    assert client.get("/api/v1/cards/jobs").status_code == 200
    for response in (
        client.post(NOW, {"scheme": "visa", "count": 1}, format="json"),
        client.get(NOW, {"vendor": "visa"}),
    ):
        assert_problem(response, 403, "forbidden")
    assert not Job.objects.exists()


def test_a_session_needs_its_csrf_token(catalogue, user):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    response = client.post(NOW, {"scheme": "visa", "count": 1}, format="json")
    assert_problem(response, 403, "forbidden")


def test_only_a_digest_of_the_key_is_kept(user):
    key = create_key(user=user, name="k")
    stored = user.api_keys.values().get()
    assert key not in map(str, stored.values())


@pytest.mark.parametrize("count", ["--5", "5-", "٥", "1e3"])
def test_an_odd_count_of_the_old_get_is_refused(api, count):
    response = api.get(NOW, {"vendor": "visa", "count": count})
    assert_problem(response, 400, "invalid_request")


def test_a_name_that_utf8_cannot_hold_is_refused_readably(api):
    response = api.post(NOW, '{"\\ud800": 1}', content_type="application/json")
    assert_problem(response, 400, "invalid_request")


def test_a_query_with_too_many_fields_is_refused(api):
    query = "&".join(f"a{number}=1" for number in range(2_000))
    assert_problem(api.get(f"/api/v1/cards/jobs?{query}"), 400, "invalid_request")


def test_a_link_cannot_mint_for_a_session(catalogue, user):
    client = APIClient()
    client.force_login(user)
    assert_problem(client.get(NOW, {"vendor": "visa"}), 403, "forbidden")
    assert not Job.objects.exists()


def test_a_head_mints_nothing(api):
    assert api.head(NOW, {"vendor": "visa"}).status_code == 405
    assert not Job.objects.exists()


def test_a_failed_order_is_a_problem(api, small_range):
    Card.objects.create(slot=small_range.first_slot, pan="1", expiry="2030-01-31", cvv="123")
    response = api.post(NOW, {"range": small_range.name, "count": 1})
    assert assert_problem(response, 500, "job_failed")["reason"] == "duplicate_refused"
