"""Every request has an id, and what it ordered keeps it."""

import pytest

from jobs.models import Job
from tests.support.answers import LATER, NOW
from toolkit.tracing import about, request_id

URL = "/api/v1/tiers"
ORDER = {"scheme": "visa", "count": 1}


def test_the_clients_id_is_taken(api):
    assert api.get(URL, HTTP_X_REQUEST_ID="order-2026.11_28")["X-Request-ID"] == "order-2026.11_28"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f", "4111111111111111", "cg_abcdefgh12345678"]
)
def test_one_that_is_not_well_formed_is_replaced(api, given):
    answered = api.get(URL, HTTP_X_REQUEST_ID=given)["X-Request-ID"]
    assert answered != given
    assert len(answered) == 32


@pytest.mark.parametrize("route", [NOW, LATER])
def test_a_job_keeps_the_id_of_its_request(api, route):
    answer = api.post(route, ORDER, HTTP_X_REQUEST_ID="order-0001")
    assert answer.status_code in (201, 202), answer.content
    assert Job.objects.get().request_id == answer["X-Request-ID"] == "order-0001"
    assert request_id() == ""


def test_what_a_line_is_about_ends_with_its_block():
    with about(request="order-0001"):
        assert request_id() == "order-0001"
    assert request_id() == ""
