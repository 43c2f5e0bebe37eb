"""A body is written in one of several ways: document and service refuse the same ones."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from cardgen.http.reference.either import EITHER
from cardgen.http.reference.examples import EXAMPLES
from tests.support.reference import DOCUMENT

BODIES = {
    operation["operationId"]: (path, operation["requestBody"]["content"]["application/json"])
    for path, operations in DOCUMENT["paths"].items()
    for operation in operations.values()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
}
ITEMS = {"items": [{"scheme": "visa", "count": 1}]}
NUMBERS = {"numbers": ["4000000000000002"]}
NEITHER_OR_BOTH = [
    ("cards_generate", {}),
    ("cards_generate", {"count": 1}),
    ("cards_generate", {"scheme": "visa"}),
    ("cards_generate", {"scheme": "visa", "range": "400000-16", "count": 1}),
    ("cards_generate", {"scheme": "visa", "count": 1} | ITEMS),
    ("cards_generate", {"items": [{"count": 1}]}),
    ("cards_generate", {"items": [{"scheme": "visa", "range": "400000-16", "count": 1}]}),
    ("cards_generate_async", {"count": 1} | ITEMS),
    ("cards_generate_from_bin", {"iin": "400000", "count": 1, "profile": "smoke"}),
    ("profiles_save", {"name": "smoke", "order": {"profile": "smoke"}}),
    ("profiles_save", {"name": "smoke", "order": {"count": 1}}),
    ("cards_generate_from_bin", {"count": 1}),
    ("cards_generate_from_bin", {"iin": "400000", "bin": "400000", "count": 1}),
    ("cards_claim", {"range": "400000-16"}),
    ("cards_claim", {"range": "400000-16", "ending": "02"}),
    ("cards_claim", {"range": "400000-16", "count": 1} | NUMBERS),
    ("cards_claim", {"range": "400000-16", "count": 1, "ending": "02", "start": "400000"}),
    ("cards_check", {}),
    ("cards_check", {"hashes": ["0" * 32]} | NUMBERS),
    ("exclusions_remove", {"reason": "a test of ours"}),
    ("exclusions_remove", {"reason": "a test of ours", "source": "ours"} | NUMBERS),
]


def allows(name: str, body: Any) -> bool:
    schema = BODIES[name][1]["schema"] | {"components": DOCUMENT["components"]}
    return bool(Draft202012Validator(schema).is_valid(body))


@pytest.mark.parametrize(("name", "body"), NEITHER_OR_BOTH)
def test_neither_way_and_two_ways_are_refused_by_both(
    administrator: APIClient, name: str, body: dict[str, Any]
):
    assert not allows(name, body)
    answer = administrator.post(BODIES[name][0], body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name in BODIES])
def test_every_example_fits_its_schema(name: str):
    assert [title for title, body in EXAMPLES[name].items() if not allows(name, body)] == []


def test_every_way_can_be_written():
    """A field that no longer exists would be a way that nobody can take."""
    schemas = DOCUMENT["components"]["schemas"]
    for ways in EITHER.values():
        for way, fields in ways.items():
            assert {*fields} <= schemas[way]["properties"].keys(), way


def test_the_page_shows_the_fields_of_all_ways(client):
    page = client.get("/api/docs").content.decode()
    order = page.partition('<details id="cards_generate"')[2].partition("<details ")[0]
    for field in ("scheme", "range", "count", "items", "expiry"):
        assert f'<th scope="row"><code>{field}</code></th>' in order, field
