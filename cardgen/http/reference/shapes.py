"""What a schema of the document allows, in a few words."""

from typing import Any

_WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "object",
}
_FORMATS = {"uuid": "id", "date-time": "moment", "uri": "URL", "date": "day", "binary": "file"}


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Follow references and what only wraps one."""
    for _ in range(4):
        reference = schema.get("$ref")
        wrapped = schema.get("allOf") or schema.get("oneOf")
        if reference:
            schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        elif wrapped and "properties" not in schema:
            schema = wrapped[0] | {
                name: schema[name] for name in ("description",) if name in schema
            }
        else:
            break
    return schema


def body(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of all ways to write it, and those that every way needs."""
    found = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    ways = [resolved(way, document) for way in found.get("oneOf", [schema])]
    return {
        "properties": {
            name: its for way in ways for name, its in way.get("properties", {}).items()
        },
        "required": set.intersection(*(set(way.get("required", [])) for way in ways)),
    }


def told(schema: dict[str, Any], document: dict[str, Any]) -> str:
    """Say it: `whole number, 1 to 100`, `one of a, b`, `list of text`."""
    found = resolved(schema, document)
    kind = found.get("type", "")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if found.get("enum"):
        return "one of " + ", ".join(str(value) for value in found["enum"] if value is not None)
    if kind == "array":
        return f"list of {told(found.get('items', {}), document)}"
    word = _FORMATS.get(found.get("format", ""), _WORDS.get(kind, kind))
    return ", ".join([word, *_bounds(found)]) if word else ""


def _bounds(schema: dict[str, Any]) -> list[str]:
    told_of = []
    if "minimum" in schema and "maximum" in schema:
        told_of.append(f"{schema['minimum']:,} to {schema['maximum']:,}")
    elif "minimum" in schema:
        told_of.append(f"at least {schema['minimum']:,}")
    if "maxLength" in schema:
        told_of.append(f"at most {schema['maxLength']:,} characters")
    if schema.get("default") not in (None, ""):
        told_of.append(f"{schema['default']} if absent")
    return told_of
