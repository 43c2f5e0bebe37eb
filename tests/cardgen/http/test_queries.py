"""What stands after the ? is what the route's document names, once, and nothing else."""

import pytest
from rest_framework.test import APIClient

from cardgen.access.rights.table import API
from jobs.models import Job
from tests.cardgen.access.rights.test_matrix import PATTERNS, address
from tests.support.answers import assert_problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", sorted(API))
def test_every_route_refuses_a_parameter_that_it_does_not_know(administrator, name):
    for method in API[name]:
        path = f"{address(name)}?nonsense=1"
        answer = administrator.generic(method, path, b"{}", content_type="application/json")
        if answer.status_code == 403:
            continue  # administrators lack a few rights; they are told so first
        body = assert_problem(answer, 400, "invalid_request")
        assert body["errors"][0]["pointer"] == "/nonsense"
        assert "Unknown parameter." in body["detail"]
    assert not Job.objects.exists()
    assert name in PATTERNS


def test_a_misspelt_one_is_suggested_and_all_are_named(api):
    detail = assert_problem(api.get("/api/v1/cards/jobs?limt=1"), 400, "invalid_request")["detail"]
    assert "Did you mean limit?" in detail
    assert "Allowed: status, team, limit, after." in detail


@pytest.mark.parametrize("query", ["status=", "limit=", "limit=1&limit=2", "after=", "status=x"])
def test_an_empty_one_or_one_given_twice_is_refused(api, query):
    assert_problem(api.get(f"/api/v1/cards/jobs?{query}"), 400, "invalid_request")


def test_an_empty_form_is_refused(api):
    assert_problem(api.get("/api/v1/test-cards?format="), 400, "invalid_request")


def test_a_number_in_an_unknown_name_is_not_repeated(api):
    answer = api.get("/api/v1/schemes?4111111111111111=1")
    assert_problem(answer, 422, "pan_in_url")
    assert b"4111111111111111" not in answer.content


def test_who_may_not_ask_is_told_that_first():
    assert_problem(APIClient().get("/api/v1/schemes?x=1"), 401, "not_authenticated")


def test_the_index_takes_none(client):
    assert_problem(client.get("/api/v1?x=1"), 400, "invalid_request")
