"""Schemas of an OpenAPI document, flat: each value by where it stands, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import getitem
from typing import Any

Document = Mapping[str, Any]
BOUNDS = (
    *("pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("minItems", "maxItems", "uniqueItems", "format"),
)
_WAYS = {"oneOf", "anyOf"}
_NULL = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What is said of a value: no types or no choices are all of them."""

    types: frozenset[str] = frozenset()
    choices: frozenset[Any] = frozenset()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False


Values = dict[str, Value]


def values(schema: Document, *, document: Document, seen: tuple[str, ...] = ()) -> Values:
    """Return the values of a schema: "" is the whole, `a.b` is in `a`, `a[]` is of the list `a`."""
    if name := schema.get("$ref"):
        if name in seen:
            return {}
        beside = {key: told for key, told in schema.items() if key != "$ref"}
        schema, seen = {**resolved(name, document), **beside}, (*seen, name)
    found = _own(schema, document, seen)
    for part in schema.get("allOf", ()):
        found = _both(found, values(part, document=document, seen=seen))
    for way in _WAYS & schema.keys():
        alternatives = [values(one, document=document, seen=seen) for one in schema[way]]
        found = _both(found, _either(alternatives))
    return found


def resolved(name: str, document: Document) -> Any:
    """Return what a reference within the document leads to."""
    return reduce(getitem, name.removeprefix("#/").split("/"), document)


def _own(schema: Document, document: Document, seen: tuple[str, ...]) -> Values:
    kinds = schema.get("type", ())
    found = {
        "": Value(
            types=frozenset([kinds] if isinstance(kinds, str) else kinds),
            choices=frozenset(schema.get("enum", ())) - {None},
            bounds={name: schema[name] for name in BOUNDS if name in schema},
        )
    }
    required = schema.get("required", ())
    for name in schema.get("properties", {}).keys() | set(required):
        part = values(schema.get("properties", {}).get(name, {}), document=document, seen=seen)
        part[""] = replace(part.get("", Value()), required=name in required)
        found |= _under(f".{name}", part)
    for mark, key in (("[]", "items"), ("{}", "additionalProperties")):
        if isinstance(schema.get(key), Mapping):
            found |= _under(mark, values(schema[key], document=document, seen=seen))
    return found


def _under(place: str, found: Values) -> Values:
    return {f"{place}{below}": value for below, value in found.items()}


def _both(one: Values, other: Values) -> Values:
    """Join what is said together: what either asks is asked."""
    joined = {**one, **other}
    for place in one.keys() & other.keys():
        a, b = one[place], other[place]
        joined[place] = Value(
            types=a.types & b.types or a.types | b.types,
            choices=a.choices & b.choices or a.choices | b.choices,
            bounds={**a.bounds, **b.bounds},
            required=a.required or b.required,
        )
    return joined


def _either(alternatives: list[Values]) -> Values:
    """Join alternatives: what all of them ask is asked."""
    places = dict.fromkeys(place for one in alternatives for place in one)
    return {place: _loosest([one.get(place) for one in alternatives]) for place in places}


def _loosest(found: list[Value | None]) -> Value:
    there = [value for value in found if value is not None]
    telling = [value for value in there if value.types != {_NULL}] or there
    bounds = (set(value.bounds.items()) for value in telling)
    return Value(
        types=_all([value.types for value in there]),
        choices=_all([value.choices for value in telling]),
        bounds=dict(set.intersection(*bounds)),
        required=len(there) == len(found) and all(value.required for value in there),
    )


def _all(found: list[frozenset[Any]]) -> frozenset[Any]:
    """Join them; an empty one is everything."""
    return frozenset().union(*found) if all(found) else frozenset()
