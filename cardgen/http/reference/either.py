"""Bodies that are written in one of several ways: a schema for each way, joined by `oneOf`."""

from collections.abc import Mapping
from typing import Any

EITHER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Item": {"ItemByScheme": ("scheme",), "ItemByRange": ("range",)},
    "Order": {
        "OrderByScheme": ("scheme", "count"),
        "OrderByRange": ("range", "count"),
        "OrderOfItems": ("items",),
    },
    "JobOrder": {
        "JobOrderByScheme": ("scheme", "count"),
        "JobOrderByRange": ("range", "count"),
        "JobOrderOfItems": ("items",),
        "JobOrderFromProfile": ("profile",),
    },
    "SmallOrder": {
        "SmallOrderByScheme": ("scheme", "count"),
        "SmallOrderByRange": ("range", "count"),
        "SmallOrderOfItems": ("items",),
        "SmallOrderFromProfile": ("profile",),
    },
    "IinOrder": {"OrderByIin": ("iin",), "OrderByBin": ("bin",)},
    "Claim": {
        "ClaimOfNumbers": ("numbers",),
        "ClaimByEnding": ("ending", "count"),
        "ClaimFromStart": ("start", "count"),
    },
    "Check": {"CheckOfNumbers": ("numbers",), "CheckOfHashes": ("hashes",)},
    "RemovalRequest": {"RemovalOfNumbers": ("numbers",), "RemovalOfSource": ("source",)},
}
"""A schema, and of each way to write it the name and the fields that it needs and no other has."""

MAY_HAVE: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("JobOrderFromProfile", "SmallOrderFromProfile"), ("scheme", "range", "count", "items")
)
"""Fields of the other ways that a way may have, and does not need."""


def split(schemas: dict[str, Any]) -> None:
    """Put the ways in place of each schema. All fields beside theirs are common to the ways."""
    for name, ways in EITHER.items():
        whole = schemas[name]
        schemas.update({way: _way(whole, ways, way) for way in ways})
        schemas[name] = {
            "oneOf": [{"$ref": f"#/components/schemas/{way}"} for way in ways],
            "description": whole["description"],
        }


def _way(whole: dict[str, Any], ways: Mapping[str, tuple[str, ...]], way: str) -> dict[str, Any]:
    others = {field for fields in ways.values() for field in fields}
    others -= {*ways[way], *MAY_HAVE.get(way, ())}
    return {
        **whole,
        "properties": {
            field: its for field, its in whole["properties"].items() if field not in others
        },
        "required": sorted({*whole.get("required", []), *ways[way]}),
        "additionalProperties": False,
    }
