"""Whoever comes by hand finds the way: an index, near paths, no slash at the end."""

import pytest
from rest_framework.test import APIClient

from tests.support.answers import assert_problem

pytestmark = pytest.mark.django_db


def test_the_index_needs_no_key_and_its_links_lead_somewhere(client):
    body = client.get("/api/v1").json()
    assert body["name"] == "cardgen"
    for url in body["links"].values():
        assert client.get(url).status_code in (200, 401, 403, 405, 503), url


@pytest.mark.parametrize(("path", "said"), [
    ("/api/v1/", "/api/v1."),
    ("/api/v1/cards/generate/", "no slash at its end: /api/v1/cards/generate."),
    ("/api/v1/cards/generat", "Did you mean /api/v1/cards/generate?"),
    ("/api/v1/scheme", "Did you mean /api/v1/schemes?"),
    ("/api/V1/tiers", "/api/v1/tiers."),
    ("/api/v1/4111111111111111", "GET /api/v1 lists what there is"),
])  # fmt: skip
def test_a_path_that_leads_nowhere_tells_where_to_go(client, path, said):
    answer = client.get(path)
    assert said in assert_problem(answer, 404, "not_found")["detail"]
    assert b"4111111111111111" not in answer.content


@pytest.mark.parametrize("path", [
    "/api/v1/issuer-ranges/123456-16/test-keys", "/api/v1/uniqueness/bloom/123456-16/0",
])  # fmt: skip
def test_an_unknown_range_in_a_path_is_not_found(catalogue, administrator, path):
    assert_problem(administrator.get(path), 404, "not_found")


def test_pages_of_listed_origins_may_call_with_a_key_and_never_with_a_session(settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://tests.example"]
    asked = {"HTTP_ORIGIN": "https://tests.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
    answer = APIClient().options("/api/v1/cards/generate", **asked)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "https://tests.example"
    assert "x-api-key" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer
    other = APIClient().options("/api/v1/cards/generate", **asked | {"HTTP_ORIGIN": "https://x.y"})
    assert "Access-Control-Allow-Origin" not in other


def test_cards_are_not_made_by_a_get_where_that_is_off(api, catalogue, settings):
    url = "/api/v1/cards/generate?vendor=visa"
    assert api.get(url).status_code == 201
    settings.CARDGEN_GET_GENERATE = False
    detail = assert_problem(api.get(url), 405, "method_not_allowed")["detail"]
    assert "POST /api/v1/cards/generate" in detail
