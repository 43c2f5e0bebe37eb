"""Load the project's issuer ranges into the database; read the published test cards."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generation.models import IssuerRange
from generation.ranges import range_keys

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCard:
    """A test card number as its provider publishes it; behaviour belongs to (number, provider)."""

    number: str
    scheme: str
    provider: str
    behaviour: str
    source: str


def register_ranges() -> int:
    """Register the catalogue's issuer ranges that are not there yet; return how many were added."""
    with (_DATA / "issuer_ranges.csv").open(encoding="utf-8", newline="") as file:
        ranges = [_issuer_range(row) for row in csv.DictReader(file)]
    before = IssuerRange.objects.count()
    IssuerRange.objects.bulk_create(ranges, ignore_conflicts=True)
    return IssuerRange.objects.count() - before


def published_cards() -> Iterator[PublishedCard]:
    """Every published test card of the catalogue, one per (number, provider)."""
    with (_DATA / "published_test_cards.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield PublishedCard(
                **{
                    name: row[name]
                    for name in ("number", "scheme", "provider", "behaviour", "source")
                }
            )


def _issuer_range(row: dict[str, str]) -> IssuerRange:
    length = int(row["pan_length"])
    return IssuerRange(
        scheme=row["scheme"],
        iin=row["iin"],
        pan_length=length,
        tier=row["tier"],
        source=row["source"],
        key_check_value=range_keys(iin=row["iin"], pan_length=length).check_value,
    )
