"""A choice that may be null stays so: drf-spectacular forgets it while it names the choice."""

from collections.abc import Iterator
from typing import Any

_MARK = "x-null"


def mark(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Mark what may be null, before choices have names."""
    for schema in _properties(result):
        if None in schema.get("enum", ()):
            schema[_MARK] = True
    return result


def mend(result: dict[str, Any]) -> None:
    """Say so again, once they have."""
    for schema in _properties(result):
        if schema.pop(_MARK, False):
            schema["oneOf"] = [*schema.pop("allOf"), {"type": "null"}]


def _properties(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for schema in result["components"].get("schemas", {}).values():
        yield from schema.get("properties", {}).values()
