"""The last touches on the generated document: order, names, examples, errors, links."""

from collections.abc import Iterator
from typing import Any

from cardgen.http.reference import either, nulls, operations
from cardgen.http.reference.answers import ANSWERS
from cardgen.http.reference.examples import EXAMPLES
from cardgen.http.reference.refusals import refusals
from cardgen.http.told import HOW_TO_SIGN_IN

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details; more members may help, such as `errors` or `left`",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable: programs may rely on it"},
        "detail": {"type": "string", "description": "what to do, for people"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "into the body (RFC 6901)"},
                    "detail": {"type": "string"},
                    "code": {
                        "type": "string",
                        "description": "of an order: what this alone would be answered with",
                    },
                },
            },
        },
    },
}
_PROBLEM_CONTENT = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
_ABOUT = f"""Test payment cards that never repeat.

{HOW_TO_SIGN_IN}

Lists have pages: `next` is the URL of the page that follows, and null in the last one.
Those of tiers, of providers and of your webhooks are short, and always whole.

Errors are problem details (RFC 9457): `code` is stable, `detail` says what to do."""
_TO_JOB = {
    name: {"operationId": operation, "parameters": {"job_id": "$response.body#/id"}}
    for name, operation in (
        ("status", "job_status"), ("result", "job_result"), ("cancel", "job_cancel"),
    )
}  # fmt: skip
_TO_WEBHOOK = {
    name: {"operationId": operation, "parameters": {"webhook_id": "$response.body#/id"}}
    for name, operation in (("test", "webhook_test"), ("deliveries", "webhook_deliveries"))
}
_LINKS = {
    ("cards_generate_async", "202"): _TO_JOB,
    ("cards_generate", "202"): _TO_JOB,
    ("job_clone", "201"): _TO_JOB,
    ("webhooks_register", "201"): _TO_WEBHOOK,
}


def finish(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Put operations into the order of use, and say of each what a reader needs to begin."""
    result["info"]["description"] = _ABOUT
    result["servers"] = [{"url": "/", "description": "this service"}]
    result["tags"] = [{"name": one.name, "description": one.about} for one in operations.GROUPS]
    result["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    nulls.mend(result)
    either.split(result["components"]["schemas"])
    for method, operation in _operations(result):
        _finish(method, operation)
    result["paths"] = dict(sorted(result["paths"].items(), key=_first))
    return result


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in result["paths"].values():
        yield from path.items()


def _first(path: tuple[str, dict[str, Any]]) -> int:
    """Sort a path by the first of its operations."""
    names = [operation["operationId"] for operation in path[1].values()]
    return min(operations.ORDER.get(name, len(operations.ORDER)) for name in names)


def _finish(method: str, operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    operation["summary"] = operations.SUMMARY_OF.get(name, name)
    operation["tags"] = [operations.TAG_OF.get(name, "Other")]
    if body := operation.get("requestBody"):
        body["required"] = name not in operations.EMPTY_BODY_DOES
        _add_examples(body, name)
    if name in ANSWERS:
        operation["responses"]["200"]["content"]["application/json"]["example"] = ANSWERS[name]
    for parameter in operation.get("parameters", []):
        _forget_default(parameter)
    if name in operations.EVERYBODY:
        operation["security"] = []
    for number, codes in refusals(method, operation).items():
        content = {"description": ", ".join(codes), "content": _PROBLEM_CONTENT}
        operation["responses"].setdefault(str(number), content)
    operation["responses"]["default"] = {"description": "an error", "content": _PROBLEM_CONTENT}
    for (linked, status), links in _LINKS.items():
        if linked == name:
            operation["responses"][status]["links"] = links


def _forget_default(parameter: dict[str, Any]) -> None:
    """Leave out a default that says "absent", and where the first page begins."""
    if parameter["schema"].get("default") in ("", None) or parameter["name"] == "after":
        parameter["schema"].pop("default", None)


def _add_examples(body: dict[str, Any], name: str) -> None:
    for title, value in EXAMPLES.get(name, {}).items():
        examples = body["content"]["application/json"].setdefault("examples", {})
        examples[title] = {"value": value}
