"""The API's own description starts people: in the order of use, with examples that succeed."""

import re
from typing import Any

import pytest
from rest_framework.test import APIClient

from cardgen.http.reference.examples import EXAMPLES
from cardgen.http.reference.operations import GROUPS, SUMMARY_OF, TAG_OF
from tests.support.reference import DOCUMENT

OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
AT = {"{tier}": "brand_shape"}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "{key_id}": ("/api/v1/keys", {"name": "x"}),
    "{profile_id}": (
        "/api/v1/profiles",
        {"name": "x", "order": {"scheme": "visa", "count": 1}},
    ),
}
"""What must be there first: where it is made, and of what."""
INSIDE = re.compile(r"docs/[a-z-]+\.md|\bjobs\.[a-z]+\.|\(jobs\.|cardgen\.[a-z]+")


def test_every_operation_has_a_name_and_a_place_in_the_order_of_use():
    assert set(OPERATIONS) == set(TAG_OF)
    assert [tag["name"] for tag in DOCUMENT["tags"]] == [group.name for group in GROUPS]
    for name, (_, _, operation) in OPERATIONS.items():
        assert (operation["summary"], operation["tags"]) == (SUMMARY_OF[name], [TAG_OF[name]])


@pytest.mark.parametrize(
    ("name", "title"), [(name, title) for name, all_ in EXAMPLES.items() for title in all_]
)
def test_an_example_succeeds_as_it_stands(administrator: APIClient, name: str, title: str):
    method, path, operation = OPERATIONS[name]
    for word, value in AT.items():
        path = path.replace(word, value)
    for word, (route, body) in MADE.items():
        if word in path:
            path = path.replace(word, str(administrator.post(route, body).json()["id"]))
    answer = getattr(administrator, method)(path, EXAMPLES[name][title])
    assert 200 <= answer.status_code < 300, answer.content
    shown = operation["requestBody"]["content"]["application/json"]["examples"]
    assert shown[title]["value"] == EXAMPLES[name][title]


def test_a_body_is_required_and_lists_have_bounds():
    for name, (_, _, operation) in OPERATIONS.items():
        if "requestBody" in operation:
            assert operation["requestBody"]["required"] == (name != "key_rotate"), name
        for one in operation.get("parameters", []):
            if one["in"] == "query" and one["schema"].get("type") == "integer":
                assert {"minimum", "maximum"} <= set(one["schema"]), (name, one["name"])


def test_every_error_status_names_its_codes():
    for name, (_, _, operation) in OPERATIONS.items():
        found = {status for status in operation["responses"] if status[0] in "45"}
        assert {"400", "413", "429", "500", "503"} <= found, name
        assert ("401" in found) == (name != "index")


def test_choices_have_names_of_their_own():
    """drf-spectacular makes up a name that ends so, and that changes with the fields around it."""
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name in schemas if name.endswith("Enum")] == []
    inline = re.findall(r"'enum'", str([one.get("properties") for one in schemas.values()]))
    assert inline == []


def test_a_list_without_pages_says_that_it_is_whole():
    schemas = DOCUMENT["components"]["schemas"]
    lists = {
        name: operation
        for name, (_, _, operation) in OPERATIONS.items()
        for media in operation["responses"].get("200", {}).get("content", {}).values()
        if "next"
        in schemas.get(media["schema"].get("$ref", "").split("/")[-1], {}).get("properties", {})
    }
    paged = {
        name
        for name, one in lists.items()
        if {"after", "limit"} <= {parameter["name"] for parameter in one.get("parameters", [])}
    }
    whole = {name for name, one in lists.items() if "the whole list" in one["description"]}
    assert whole == lists.keys() - paged == {"tiers", "gateways", "webhooks"}


def test_orders_link_to_their_jobs():
    links = OPERATIONS["cards_generate_async"][2]["responses"]["202"]["links"]
    assert links["status"]["operationId"] in OPERATIONS


def test_it_tells_nothing_of_the_inside():
    told = [operation.get("description", "") for _, _, operation in OPERATIONS.values()]
    assert [text for text in told if INSIDE.search(text)] == []


def test_the_page_has_every_operation_and_is_small(client):
    answer = client.get("/api/docs")
    page = answer.content.decode()
    assert all(f'<details id="{name}"' in page for name in OPERATIONS)
    assert "-H 'Content-Type: application/json' -d '" in page
    assert "--json" not in page
    assert "<script" not in page
    assert len(page) < 250_000
