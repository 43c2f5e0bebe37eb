"""HTTPS only where that is wanted; headers that every answer has."""

import pytest
from django.test import AsyncClient, Client

from tests.support.answers import assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def https(settings):
    """As with CARDGEN_HTTPS=1."""
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


JOB = "/api/v1/cards/jobs/7d2b1c1e-0000-4000-8000-000000000000"
PATHS = ["/api/v1/tiers", "/api/v1/cards/generate", "/api/v1/nowhere"]


@pytest.mark.parametrize("path", [*PATHS, f"{JOB}/events", f"{JOB}/result"])
def test_the_api_over_plain_http_is_refused_and_never_redirected(https, path):
    for answer in (Client().get(path), Client().post(path)):
        assert_problem(answer, 403, "https_required")


async def test_so_it_is_where_the_view_is_asynchronous(https):
    answer = await AsyncClient().get(f"{JOB}/status?wait=60")
    assert answer.status_code == 403
    assert answer.json()["code"] == "https_required"


def test_pages_are_redirected_and_probes_are_answered(https):
    assert Client().get("/login").headers["Location"].startswith("https://")
    assert Client().get("/health/live").status_code == 200


def test_the_proxys_word_counts(https):
    answer = Client().get("/api/v1/tiers", headers={"X-Forwarded-Proto": "https"})
    assert answer.json()["code"] == "not_authenticated"


def test_plain_http_is_all_right_where_nothing_else_is_asked():
    assert Client().get("/api/v1/tiers").json()["code"] == "not_authenticated"


@pytest.mark.parametrize("path", ["/login", "/api/v1/tiers", "/nowhere"])
def test_every_answer_says_what_pages_may_not_use(path):
    assert "camera=()" in Client().get(path).headers["Permissions-Policy"]
