"""Quotas over HTTP: headers, the error, what counts, and one's own figures."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from cardgen.access.models import ApiKey
from generation.models import IssuerRange
from jobs import control, states
from jobs.models import Job, Quota, Status, TakenAtOnce
from tests.support.actors import somebody
from tests.support.answers import assert_problem
from tests.support.forms import EMPTY
from tests.support.keys import MINT, create_key
from tests.support.quotas import limit
from tests.support.slots import pans_from
from tests.support.threads import at_once
from uniqueness.models import Card, Renewal

ASYNC, NOW = "/api/v1/cards/generate-async", "/api/v1/cards/generate"
BODY = {"scheme": "visa", "count": 10}
HEADERS = ("RateLimit-Policy", "RateLimit")
CLIENTS = 16


def limit_key(user: User, **limits: int) -> None:
    key = ApiKey.objects.get(user=user)
    Quota.objects.create(api_key_id=key.pk, **limits)


def refused(response) -> dict:
    body = assert_problem(response, 429, "quota_exceeded")
    assert set(HEADERS) <= set(response.headers)
    return body


def told(response, name: str) -> str:
    """What a field says of quotas; limits of requests stand behind them."""
    items = re.split(r', (?=")', response.get(name, ""))
    of_requests = [item for item in items if '-requests"' in item]
    assert len(of_requests) == 2
    assert items[-2:] == of_requests
    return ", ".join(items[:-2])


def test_who_has_no_quota_is_told_of_none(api):
    response = api.post(ASYNC, BODY)
    assert [told(response, name) for name in HEADERS] == ["", ""]


def test_headers_say_what_holds_and_what_is_left(api, user):
    limit(user, cards_per_day=100, active_jobs=4)
    limit_key(user, cards_per_day=50, active_jobs=2)
    response = api.post(ASYNC, BODY)
    assert response.status_code == 202
    assert told(response, "RateLimit-Policy") == (
        '"user-cards-per-day";q=100;qu="cards";w=86400,'
        ' "key-cards-per-day";q=50;qu="cards";w=86400,'
        ' "user-active-jobs";q=4;qu="jobs", "key-active-jobs";q=2;qu="jobs"'
    )
    assert re.sub("t=[0-9]+", "t=", told(response, "RateLimit")) == (
        '"user-cards-per-day";r=90;t=, "key-cards-per-day";r=40;t=,'
        ' "user-active-jobs";r=3, "key-active-jobs";r=1'
    )


def test_the_headers_follow_structured_fields(api, user):
    limit(user, cards_per_day=100, active_jobs=4)
    response = api.post(ASYNC, BODY)
    item = r'"[a-z-]+"(;[a-z]+=([0-9]{1,15}|"[a-z]+"))+'
    assert all(re.fullmatch(f"{item}(, {item})*", response[name]) for name in HEADERS)


def test_cards_on_the_spot_are_told_with_the_job_already_ended(api, user):
    limit(user, active_jobs=1)
    response = api.post(NOW, BODY)
    assert (response.status_code, told(response, "RateLimit")) == (201, '"user-active-jobs";r=1')


def test_too_many_cards_are_refused_with_all_there_is_to_know(api, user):
    limit(user, cards_per_day=15)
    api.post(ASYNC, BODY)
    response = api.post(ASYNC, BODY)
    body = refused(response)
    facts = {name: body[name] for name in ("policy", "of", "limit", "used", "asked", "left")}
    assert facts == {
        "policy": "user-cards-per-day", "of": "user",
        "limit": 15, "used": 10, "asked": 10, "left": 5,
    }  # fmt: skip
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert body["resets_at"] == f"{tomorrow}T00:00:00Z"
    assert body["retry_after"] == int(response["Retry-After"])
    assert 0 < int(response["Retry-After"]) <= 86_400
    assert response["RateLimit"].startswith('"user-cards-per-day";r=5;t=')
    assert Job.objects.count() == 1


def test_waiting_is_not_advised_where_it_cannot_help(api, user):
    limit(user, cards_per_day=9)
    assert "Retry-After" not in api.post(NOW, BODY).headers


def test_too_many_jobs_are_refused_without_a_time(api, user):
    limit(user, active_jobs=1)
    api.post(ASYNC, BODY)
    response = api.post(ASYNC, BODY)
    assert refused(response)["policy"] == "user-active-jobs"
    assert "Retry-After" not in response.headers
    assert "resets_at" not in response.json()


def test_a_keys_limit_binds_that_key_alone(api, user):
    limit_key(user, cards_per_day=10)
    session, second = APIClient(), APIClient()
    session.force_authenticate(user)
    second.credentials(HTTP_X_API_KEY=create_key(user=user, name="second"))
    assert [client.post(NOW, BODY).status_code for client in (api, session, second)] == [201] * 3
    assert refused(api.post(NOW, BODY))["of"] == "key"
    assert session.post(NOW, BODY).status_code == second.post(NOW, BODY).status_code == 201


ROUTES = [
    (NOW, BODY),
    (ASYNC, BODY),
    ("/api/v1/cards/generate-from-bin", {"iin": "400000", "count": 10}),
    ("/api/v1/cards/claim", {"range": "99999901-12", "ending": "42", "count": 3}),
    ("/api/v1/cards/jobs/{job}/clone", {}),
]


@pytest.mark.parametrize(("url", "body"), ROUTES)
def test_every_order_is_also_at_the_cost_of_its_key(api, user, submit, small_range, url, body):
    job = submit()
    limit_key(user, active_jobs=1000)
    response = api.post(url.format(job=job.id), body)
    assert response.status_code in {201, 202}, response.json()
    assert set(HEADERS) <= set(response.headers)
    made = Job.objects.exclude(id=job.id).get()
    assert made.api_key_id == ApiKey.objects.get(user=user).pk


def test_a_renewal_and_an_old_get_are_at_the_cost_of_their_key_too(api, user):
    limit_key(user, cards_per_day=3)
    cards = api.get(NOW, {"vendor": "visa", "count": "1"}).json()["cards"]
    renewed = api.post("/api/v1/cards/renew", {"numbers": [cards[0]["pan"]]})
    assert (renewed.status_code, renewed["RateLimit"][:23]) == (201, '"key-cards-per-day";r=1')
    assert refused(api.get(NOW, {"vendor": "visa", "count": "2"}))["of"] == "key"


@pytest.mark.parametrize(("url", "code"), [(ASYNC, 200), (NOW, 200)])
def test_a_repeated_request_is_answered_though_the_quota_is_full(api, user, url, code):
    limit(user, cards_per_day=10, active_jobs=1)
    key = {"Idempotency-Key": "k-1"}
    first = api.post(url, BODY, headers=key)
    again = api.post(url, BODY, headers=key)
    assert (again.status_code, Job.objects.count()) == (code, 1)
    assert first.json().get("id") == again.json().get("id")
    refused(api.post(url, BODY, headers={"Idempotency-Key": "k-2"}))


@pytest.mark.django_db(transaction=True)
def test_of_repeated_requests_at_once_none_is_told_of_the_quota_that_the_first_filled(user, api):
    limit(user, cards_per_day=10)

    def send(_: int) -> int:
        client = APIClient()
        client.force_authenticate(user)
        return client.post(ASYNC, BODY, headers={"Idempotency-Key": "k-1"}).status_code

    assert sorted(map(str, at_once(8, send))) == ["200"] * 7 + ["202"]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", [ASYNC, NOW])
def test_sixteen_clients_at_once_end_exactly_at_the_limit_of_their_key(catalogue, user, url):
    secret = create_key(user=user, name="shared")
    limit_key(user, cards_per_day=70)

    def send(_: int) -> int:
        client = APIClient()
        client.credentials(HTTP_X_API_KEY=secret)
        return client.post(url, BODY).status_code

    answers = at_once(CLIENTS, send)
    assert sorted(map(str, answers)) == ["202" if url is ASYNC else "201"] * 7 + ["429"] * 9
    assert sum(Job.objects.values_list("requested", flat=True)) == 70


def claim(api: APIClient, issuer_range: IssuerRange, first: int, count: int):
    wanted = {"range": issuer_range.name, "numbers": pans_from(issuer_range, first, count)}
    return api.post("/api/v1/cards/claim", wanted)


def test_claimed_numbers_count(api, user, small_range):
    limit(user, cards_per_day=5)
    response = claim(api, small_range, 500, 3)
    assert (response.status_code, response["RateLimit"][:24]) == (201, '"user-cards-per-day";r=2')
    assert refused(claim(api, small_range, 600, 3))["left"] == 2
    assert Card.objects.count() == 3


def test_renewals_count_and_a_refused_one_renews_nothing(api, user, small_range):
    numbers = pans_from(small_range, 500, 3)
    claim(api, small_range, 500, 3)
    limit(user, cards_per_day=5)
    assert api.post("/api/v1/cards/renew", {"numbers": numbers[:1]}).status_code == 201
    body = refused(api.post("/api/v1/cards/renew", {"numbers": numbers[1:]}))
    assert (body["used"], body["asked"], body["left"]) == (4, 2, 1)
    assert (Renewal.objects.count(), TakenAtOnce.objects.get().cards) == (1, 1)


def test_renewals_that_are_refused_for_another_reason_take_nothing(api, user):
    limit(user, cards_per_day=5)
    api.post("/api/v1/cards/renew", {"numbers": ["4000001234567899"]})
    assert not TakenAtOnce.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_renewals_at_once_end_at_the_limit(api, user, small_range):
    numbers = pans_from(small_range, 500, 16)
    claim(api, small_range, 500, 16)
    limit(user, cards_per_day=16 + 7)

    def renew(number: int) -> int:
        client = APIClient()
        client.force_authenticate(user)
        return client.post("/api/v1/cards/renew", {"numbers": [numbers[number]]}).status_code

    assert sorted(map(str, at_once(CLIENTS, renew))) == ["201"] * 7 + ["429"] * 9
    assert Renewal.objects.count() == 7


def test_clones_and_retries_count_and_tell(api, user):
    limit(user, cards_per_day=15)
    job = api.post(ASYNC, BODY).json()["id"]
    assert refused(api.post(f"/api/v1/cards/jobs/{job}/clone"))["left"] == 5
    states.move(job, to=Status.FAILED, error_code="chunk_failed", error="a test")
    response = api.post(f"/api/v1/cards/jobs/{job}/retry")
    assert (response.status_code, response["RateLimit"][:24]) == (200, '"user-cards-per-day";r=5')
    control.cancel(Job.objects.get(), actor=somebody())
    assert api.post(f"/api/v1/cards/jobs/{job}/clone").status_code == 201


def test_ones_own_figures_can_be_asked_for(api, user, other_user):
    limit(user, cards_per_day=15)
    limit(other_user, cards_per_day=1)
    api.post(ASYNC, BODY)
    response = api.get("/api/v1/quota")
    body = response.json()
    assert response["Cache-Control"] == "no-store"
    assert (body["cards_today"], body["active_jobs"]) == (10, 1)
    assert body["limits"] == [
        {
            "policy": "user-cards-per-day", "of": "user", "unit": "cards_per_day",
            "limit": 15, "used": 10, "left": 5,
        }
    ]  # fmt: skip


def test_without_limits_the_figures_are_there_and_the_list_is_empty(api):
    assert api.get("/api/v1/quota").json()["limits"] == []


def test_figures_need_a_key_that_may_read(user, catalogue):
    client = APIClient()
    assert client.get("/api/v1/quota").status_code == 401
    client.credentials(HTTP_X_API_KEY=create_key(user=user, name="minter", scopes=MINT))
    assert client.get("/api/v1/quota").status_code == 403


def test_the_order_form_tells_a_refusal(user, catalogue):
    browser = Client()
    browser.force_login(user)
    limit(user, cards_per_day=9)
    response = browser.post("/", EMPTY | {"scheme": "visa", "count": "10"})
    assert response.status_code == 422
    assert "Your limit is 9 cards a day" in response.content.decode()
    assert not Job.objects.exists()
