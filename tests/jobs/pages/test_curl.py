"""The REST line on a job's page asks for the same as the job did."""

import json
import shlex

import pytest
from rest_framework.test import APIClient

from jobs.models import Job
from jobs.pages.order.curl import body_of, curl


@pytest.mark.parametrize(
    "body",
    [
        {"scheme": "visa", "count": 7},
        {"scheme": "visa", "count": 7, "label": "it's $HOME; `rm`", "cvv": "123"},
        {"scheme": "mastercard", "count": 7, "cardholder_name": "O'NEILL"},
        {"scheme": "visa", "count": 7, "expiry": "2039-11"},
        {"scheme": "visa", "count": 7, "fields": ["pan", "pvv"], "distinct_last_four": True},
        {"scheme": "visa", "count": 7, "defect": "luhn"},
        {"scheme": "visa", "count": 7, "ordering": "sequential"},
        {"scheme": "visa", "count": 7, "address": "12 MAPLE STREET", "postcode": "90210"},
        {"scheme": "visa", "count": 7, "pin_length": 6, "service_code": "201"},
        {"scheme": "visa", "count": 7, "expiry": {"min_months": 0, "max_months": 5}},
        {"items": [{"scheme": "visa", "count": 3}, {"scheme": "mastercard", "count": 4}]},
    ],
)
def test_the_line_repeats_the_order(api: APIClient, body: dict[str, object]) -> None:
    answer = api.post("/api/v1/cards/generate-async", body, format="json")
    line = curl(body_of(Job.objects.get(id=answer.json()["id"])), url="https://cards.example/x")
    words = [word for word in shlex.split(line) if word != "\n"]
    assert json.loads(words[words.index("-d") + 1]) == body


def test_the_line_holds_no_key(api: APIClient) -> None:
    api.post("/api/v1/cards/generate-async", {"scheme": "visa", "count": 1}, format="json")
    line = curl(body_of(Job.objects.get()), url="https://cards.example/x")
    assert "Bearer $CARDGEN_API_KEY" in line
