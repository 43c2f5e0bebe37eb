"""Read the catalogue: `schemes.csv` as its sources have it, `scheme_ranges.csv` for machines."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from generation.schemes.model import Luhn, RangeRole, Scheme, SchemeRange

_DATA = Path(__file__).parent.parent / "data"
_GROUPING = re.compile(r"[0-9]+(?:-[0-9]+)+")


@cache
def catalogue() -> dict[str, Scheme]:
    """Every scheme by code."""
    return {row["code"]: _scheme(row) for row in rows("schemes.csv")}


@cache
def ranges() -> tuple[SchemeRange, ...]:
    """Every range of every scheme, in the order of the file."""
    return tuple(_range(row) for row in rows("scheme_ranges.csv"))


def exists(code: str) -> bool:
    """Tell whether the catalogue has the scheme."""
    return code in catalogue()


def get(code: str) -> Scheme:
    """Return the scheme; KeyError if the catalogue has none of that code."""
    return catalogue()[code]


def rows(name: str) -> Iterator[dict[str, str]]:
    """Every row of one of the project's own data files."""
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def lengths(text: str) -> tuple[int, ...]:
    """Read PAN lengths such as `13;16;18-19`."""
    spans = (part.partition("-") for part in text.split(";"))
    return tuple(
        length for first, _, last in spans for length in range(int(first), int(last or first) + 1)
    )


def _scheme(row: dict[str, str]) -> Scheme:
    return Scheme(
        code=row["code"],
        name=row["scheme"],
        cvv_name=row["cvv_name"],
        cvv_length=4 if row["cvv_length"] == "4" else 3,
        printed_cvv_length=int(row["cvv_length"][0]) if row["cvv_length"] else None,
        status=re.split("[^a-z]", row["status"])[0],
        status_detail=row["status"],
        sourced_groupings=_groupings(row["grouping"]),
        ranges=tuple(span for span in ranges() if span.scheme == row["code"]),
    )


def _range(row: dict[str, str]) -> SchemeRange:
    return SchemeRange(
        scheme=row["scheme"],
        first=row["first"],
        last=row["last"],
        pan_lengths=lengths(row["pan_lengths"]),
        luhn=Luhn(row["luhn"]),
        role=RangeRole(row["role"]),
        source=row["source"],
        note=row["note"],
    )


def _groupings(text: str) -> dict[int, tuple[str, ...]]:
    """Patterns by the number of digits they add up to: `4-4-4-4-3; 6-13` gives two for 19."""
    found: dict[int, tuple[str, ...]] = {}
    for pattern in _GROUPING.findall(text):
        length = sum(map(int, pattern.split("-")))
        found[length] = (*found.get(length, ()), pattern)
    return found


def name_of(code: str) -> str:
    """The scheme's name for people; the code itself if the catalogue has no such scheme."""
    return get(code).name if exists(code) else code
