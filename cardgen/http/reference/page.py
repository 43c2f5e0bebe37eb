"""The reference as one page: the OpenAPI document in words, without JavaScript, light and dark."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from cardgen.http.reference import shapes

_FORM = "application/json"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show every operation with its parameters, its body, its answers and commands to paste."""
    here = request.build_absolute_uri("/").rstrip("/")
    return render(request, "reference.html", {"about": _about(), "groups": _groups(), "here": here})


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def _about() -> list[str]:
    return str(_document()["info"]["description"]).split("\n\n")


@cache
def _groups() -> list[dict[str, Any]]:
    document = _document()
    found = {tag["name"]: {**tag, "operations": []} for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            group = found.setdefault(
                operation["tags"][0], {"name": operation["tags"][0], "operations": []}
            )
            group["operations"].append(_shown(method.upper(), path, operation))
    return list(found.values())


def _shown(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    media = operation.get("requestBody", {}).get("content", {})
    body = media.get(_FORM, {})
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "about": operation.get("description", "").split("\n\n"),
        "deprecated": operation.get("deprecated", False),
        "parameters": [_parameter(one) for one in operation.get("parameters", [])],
        "body": list(_fields(body.get("schema", {}))),
        "media": [name for name in media if name != _FORM],
        "examples": list(_examples(method, path, body)),
        "answers": [_answer(status, one) for status, one in operation["responses"].items()],
    }


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    shape = shapes.told(one.get("schema", {}), _document())
    about = one.get("description", "")
    return {"name": one["name"], "in": one["in"], "shape": shape, "about": about,
            "required": one.get("required", False)}  # fmt: skip


def _fields(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = shapes.body(schema, _document())
    for name, its in found["properties"].items():
        about = its.get("description", "")
        yield {"name": name, "shape": shapes.told(its, _document()), "about": about,
               "required": name in found["required"]}  # fmt: skip


def _examples(method: str, path: str, body: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what the shell's quotes can hold: no example has a quote in its text."""
    for title, example in body.get("examples", {}).items():
        yield {"title": title, "method": method, "path": path, "body": json.dumps(example["value"])}
    if method == "GET" and "{" not in path:
        yield {"title": "", "method": method, "path": path, "body": ""}


def _answer(status: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Tell an error by its codes, an answer by its fields."""
    media = answer.get("content", {}).get(_FORM, {})
    return {
        "status": status,
        "about": answer.get("description", ""),
        "fields": [one["name"] for one in _fields(media.get("schema", {}))],
        "example": json.dumps(media["example"], indent=2) if "example" in media else "",
        "media": [
            name for name in answer.get("content", {}) if name != _FORM and "problem" not in name
        ],
    }
