"""Whatever name is not there, the answer asks for the one that may be meant."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from jobs.models import Team
from tests.support.answers import LATER, NOW

ORDER = {"scheme": "visa", "count": 1}


def answered(api: APIClient, url: str, body: dict[str, Any]) -> str:
    response = api.post(url, body)
    assert response.status_code in {400, 404, 422}, response.content
    return response.content.decode()


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ({**ORDER, "fields": ["number"]}, "pan"),
        ({**ORDER, "fields": ["card_number", "cvc"]}, "pan and cvv"),
        ({**ORDER, "defect": "lunh"}, "luhn"),
        ({**ORDER, "priority": "hihg"}, "high"),
        ({**ORDER, "ordering": "sequental"}, "sequential"),
        ({"scheme": "visa", "cuont": 1}, "count"),
        ({"brand": "visa", "count": 1}, "scheme"),
        ({"scheme": "visa", "amount": 1}, "count"),
        ({"scheme": "MC", "count": 1}, "'mastercard'"),
        ({"scheme": "master card", "count": 1}, "'mastercard'"),
        ({"range": "400000-61", "count": 1}, "400000-16"),
        ({**ORDER, "items": [{"network": "visa", "count": 1}]}, "scheme"),
        ({**ORDER, "team": "billng"}, "billing"),
        ({"profile": "smok", "count": 1}, "smoke"),
    ],
)
def test_in_an_order(
    api: APIClient, user: User, catalogue: None, body: dict[str, Any], meant: str
) -> None:
    Team.objects.create(name="billing").members.add(user)
    saved = {"name": "smoke", "order": ORDER}
    assert api.post("/api/v1/profiles", saved).status_code == 201
    assert f"Did you mean {meant}?" in answered(api, LATER, body)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("/api/v1/cards/statistics?since=2026-01-01&brand=visa", "scheme"),
        ("/api/v1/cards/statistics?tier=scheme-test", "scheme_test"),
        ("/api/v1/cards/statistics?range=400000-61", "400000-16"),
        ("/api/v1/cards/aggregated?by=days", "day"),
        ("/api/v1/issuer-ranges?page_size=2", "limit"),
        ("/api/v1/issuer-ranges?tier=brandshape", "brand_shape"),
        ("/api/v1/issuer-ranges/400000-61/test-keys", "400000-16"),
        ("/api/v1/uniqueness/bloom/400000-61/0", "400000-16"),
        ("/api/v1/test-cards?provider=strip", "stripe"),
        ("/api/v1/test-cards?scheme=vsa", "visa"),
        ("/api/v1/test-cards?format=excel", ""),
        ("/api/v1/cards/jobs?status=done", "succeeded"),
        ("/api/v1/cards/jobs?status=runing", "running"),
        ("/api/v1/cards/job", "/api/v1/cards/jobs"),
    ],
)
def test_in_a_url(administrator: APIClient, catalogue: None, url: str, meant: str) -> None:
    answer = administrator.get(url)
    told = answer.content.decode()
    assert answer.status_code in {400, 404, 422}, told
    assert (f"Did you mean {meant}?" in told) if meant else ("Did you mean" not in told), told


def test_the_team_of_others_is_not(api: APIClient, catalogue: None) -> None:
    Team.objects.create(name="billing")
    assert "billing" not in answered(api, LATER, {**ORDER, "team": "billng"})


@pytest.mark.parametrize("url", [NOW, "/api/v1/cards/generate-from-bin"])
def test_who_wants_more_is_told_where(api: APIClient, catalogue: None, url: str) -> None:
    source = {"scheme": "visa"} if url == NOW else {"iin": "400000"}
    told = answered(api, url, {**source, "count": 1_001})
    assert "1,000 cards" in told
    assert "up to 100,000,000: POST /api/v1/cards/generate-async" in told


def test_who_wants_more_by_the_old_way_is_told_too(api: APIClient, catalogue: None) -> None:
    told = api.get(NOW, {"vendor": "visa", "count": "1001"}).content.decode()
    assert "generate-async" in told


@pytest.mark.parametrize(
    "wish", [{"count": 1_001, "ending": "00"}, {"numbers": [str(n) for n in range(1_001)]}]
)
def test_who_claims_more_is_told_too(api: APIClient, catalogue: None, wish: dict[str, Any]) -> None:
    told = answered(api, "/api/v1/cards/claim", {"range": "400000-16", **wish})
    assert "At most 1,000 numbers in one request" in told
    assert "generate-async" in told
