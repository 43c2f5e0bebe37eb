"""What a request has wrong is said in our words, never in the framework's."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
import rest_framework
from rest_framework import exceptions, fields, serializers
from rest_framework.test import APIClient

from jobs.models import Job
from tests.support.answers import NOW, assert_problem
from toolkit.requests import StrictSerializer


def english() -> set[str]:
    """Every sentence of the framework that can reach a caller."""
    found = set()
    for module in (fields, serializers, exceptions):
        found |= set(re.findall(r"_\((['\"])(.*?)\1\)", inspect.getsource(module)))
    return {text for _, text in found}


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from every(one)


def requests() -> list[type[StrictSerializer]]:
    return sorted({*every(StrictSerializer)}, key=lambda kind: kind.__qualname__)


def inner(field: fields.Field) -> Iterator[fields.Field]:
    yield field
    for child in getattr(field, "fields", {}).values():
        yield from inner(child)
    if child := getattr(field, "child", None):
        yield from inner(child)


@pytest.mark.parametrize("kind", requests(), ids=lambda kind: kind.__name__)
def test_no_field_of_a_request_speaks_as_the_framework(kind):
    theirs = english()
    assert len(theirs) > 60, rest_framework.VERSION
    said = {str(text) for field in inner(kind()) for text in field.error_messages.values()}
    assert not said & theirs


@pytest.mark.parametrize(("body", "said"), [
    ({}, "Give either scheme"),
    ([], "Send an object: {…}."),
    ({"scheme": "visa"}, "Say how many cards."),
    ({"scheme": "visa", "count": 0}, "At least 1."),
    ({"scheme": "visa", "count": 1, "fields": "pan"}, "Send a list."),
    ({"scheme": "visa", "count": 1, "defect": "bad"}, "Choose one of luhn,"),
    ({"scheme": "", "count": 1}, "This may not be empty."),
    ({"scheme": "visa", "count": 1, "deadline": "soon"}, "2026-12-31T23:59:00Z"),
    ({"scheme": "visa", "count": 1, "distinct_last_four": "x"}, "Send true or false."),
    ({"scheme": None, "count": 1}, "This may not be null."),
])  # fmt: skip
def test_what_a_body_has_wrong(api, body, said):
    assert said in assert_problem(api.post(NOW, body), 400, "invalid_request")["detail"]


def test_broken_json_is_told_by_its_place_and_not_repeated(api):
    answer = api.generic("POST", NOW, b'{"scheme": 4111111111111111,}', "application/json")
    detail = assert_problem(answer, 400, "malformed_json")["detail"]
    assert detail.startswith("The body is no JSON: see line 1, column")
    assert "4111" not in answer.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        '{"scheme": "visa", "count": 1, "count": 2}',
        '{"scheme": "visa", "count": 1, "c\\u006funt": 1}',
        '{"count": 1, "items": [{"scheme": "visa", "count": 1, "count": 1}]}',
    ],
)
def test_a_name_that_stands_twice_in_an_object_is_refused(api, body):
    detail = assert_problem(
        api.generic("POST", NOW, body.encode(), "application/json"), 400, "malformed_json"
    )["detail"]
    assert "the same name twice" in detail
    assert not Job.objects.exists()


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", ""])
def test_a_body_without_its_header_is_told_which(api, media_type):
    answer = api.generic("POST", NOW, b"{}", content_type=media_type)
    detail = assert_problem(answer, 415, "unsupported_media_type")["detail"]
    assert "Send the header Content-Type: application/json" in detail


@pytest.mark.parametrize("meta", [{}, {"HTTP_AUTHORIZATION": "Token x"}])
def test_without_a_key_it_is_said_how_to_send_and_get_one(meta):
    detail = assert_problem(APIClient(**meta).get("/api/v1/schemes"), 401, "not_authenticated")
    assert all(word in detail["detail"] for word in ("Bearer", "X-API-Key", "create_api_key"))


def test_another_method_is_told_the_possible_ones(api):
    detail = assert_problem(api.put("/api/v1/schemes"), 405, "method_not_allowed")["detail"]
    assert detail == "That method is not possible here: send GET or HEAD."


def test_a_scheme_in_any_case_is_taken_and_a_near_one_suggested(api, catalogue):
    assert api.post(NOW, {"scheme": "VISA", "count": 1}).status_code == 201
    body = assert_problem(
        api.post(NOW, {"scheme": "american express", "count": 1}), 422, "unknown_scheme"
    )
    assert body["did_you_mean"] == "amex"
    off = assert_problem(api.post(NOW, {"scheme": "amex", "count": 1}), 422, "range_disabled")
    assert "cardgen switch --tier brand_shape on" in off["detail"]
