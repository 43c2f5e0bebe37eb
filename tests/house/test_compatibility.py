"""What clients of the last release rely on is there, and a check sees when it is not."""

import subprocess
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml
from django.conf import settings

from chaos.world.released import COMMIT
from docs import check_compatibility
from docs.check_compatibility import BREAKS, RELEASED, breaks, problems
from docs.openapi_values import values
from tests.support.reference import DOCUMENT

Change = Callable[[dict[str, Any]], object]


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    return document["components"]["schemas"][name]


def operation(document: dict[str, Any], path: str, method: str = "get") -> dict[str, Any]:
    return document["paths"][f"/api/v1/{path}"][method]


def parameter(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(
        one for one in operation(document, "cards/jobs")["parameters"] if one["name"] == name
    )


def forget(document: dict[str, Any], name: str, field: str) -> None:
    schema(document, name)["properties"].pop(field)
    schema(document, name)["required"].remove(field)


def found(change: Change) -> str:
    today = deepcopy(DOCUMENT)
    change(today)
    return "\n".join(breaks(DOCUMENT, today))


LOSES: dict[str, Change] = {
    "GET /api/v1/tiers: is gone": lambda d: d["paths"].pop("/api/v1/tiers"),
    "POST /api/v1/webhooks: is gone": lambda d: d["paths"]["/api/v1/webhooks"].pop("post"),
    "POST /api/v1/cards/generate-async: never answers 202": lambda d: operation(
        d, "cards/generate-async", "post"
    )["responses"].pop("202"),
    "GET /api/v1/cards/jobs/{job_id}/result: 200 has no text/csv": lambda d: operation(
        d, "cards/jobs/{job_id}/result"
    )["responses"]["200"]["content"].pop("text/csv"),
    "POST /api/v1/webhooks: 201.secret is not told": lambda d: forget(d, "NewWebhook", "secret"),
    "GET /api/v1/cards/jobs: 200.results[].id may be absent": lambda d: schema(d, "Job")[
        "required"
    ].remove("id"),
    "200.results[].id is integer, was string": lambda d: schema(d, "Job")["properties"].update(
        id={"type": "integer"}
    ),
    "200.results[].tier is null, string, was string": lambda d: schema(d, "Tier")[
        "properties"
    ].update(tier={"oneOf": [{"$ref": "#/components/schemas/TierName"}, {"type": "null"}]}),
    "body.tell_webhooks is not taken": lambda d: [
        one["properties"].pop("tell_webhooks", None)
        for name, one in d["components"]["schemas"].items()
        if name.startswith("SmallOrder") and "properties" in one
    ],
    "POST /api/v1/webhooks: body.secret is required": lambda d: schema(d, "WebhookRequest")[
        "required"
    ].append("secret"),
    "body.defect cannot be luhn": lambda d: schema(d, "Defect")["enum"].remove("luhn"),
    "POST /api/v1/cards/generate-from-bin: body.defect is string, was null, string": lambda d: [
        schema(d, name)["properties"].update(defect={"$ref": "#/components/schemas/Defect"})
        for name in ("OrderByIin", "OrderByBin")
    ],
    "parameter.query team is not taken": lambda d: operation(d, "cards/jobs")["parameters"].remove(
        parameter(d, "team")
    ),
    "parameter.query limit has maximum 10": lambda d: parameter(d, "limit")["schema"].update(
        maximum=10
    ),
    "parameter.query team is required": lambda d: parameter(d, "team").update(required=True),
}


@pytest.mark.parametrize("told", LOSES)
def test_what_clients_lose_is_told(told: str):
    assert told in found(LOSES[told])


GAINS: list[Change] = [
    lambda d: d["paths"].update({"/api/v1/new": {"get": {"responses": {}}}}),
    lambda d: parameter(d, "limit")["schema"].update(maximum=1_000, minimum=0),
    lambda d: operation(d, "cards/jobs")["parameters"].reverse(),
    lambda d: schema(d, "Job")["properties"].update(new={"type": "string"}),
    lambda d: schema(d, "WebhookRequest")["properties"].update(new={"type": "string"}),
    lambda d: schema(d, "Defect")["enum"].append("new"),
    lambda d: schema(d, "Job")["required"].append("new"),
]


@pytest.mark.parametrize("change", GAINS)
def test_what_only_grows_breaks_nothing(change: Change):
    assert found(change) == ""


def test_alternatives_ask_what_all_of_them_ask():
    whole = {
        "oneOf": [
            {"required": ["a"], "properties": {"a": {"type": "integer"}, "c": {}}},
            {"allOf": [{"$ref": "#/b"}, {"required": ["a"]}]},
        ]
    }
    there = {"b": {"required": ["b"], "properties": {"a": {"type": "string"}, "b": {}}}}
    read = values(whole, document=there)
    assert {place for place, value in read.items() if value.required} == {".a"}
    assert set(read) == {"", ".a", ".b", ".c"}
    assert read[".a"].types == {"integer", "string"}


def test_nothing_breaks_but_on_purpose():
    assert [*problems()] == []
    assert all(len(group["reason"]) > 20 for group in yaml.safe_load(BREAKS.read_text()))


def test_it_is_compared_with_the_last_release():
    command = ["git", "show", f"{COMMIT}:docs/openapi.yaml"]
    released = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, check=True)
    assert RELEASED.read_bytes() == released.stdout


def test_a_purpose_of_nothing_is_told(monkeypatch, tmp_path):
    stale = tmp_path / "openapi-breaks.yaml"
    stale.write_text(BREAKS.read_text() + "- reason: none\n  breaks: ['GET /nowhere: is gone']\n")
    monkeypatch.setattr(check_compatibility, "BREAKS", stale)
    assert [*problems()] == ["openapi-breaks.yaml: does not break: GET /nowhere: is gone"]
