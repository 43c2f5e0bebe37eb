"""Register the project's issuer ranges: the sourced list, and the prefixes of published cards."""

import csv
from collections.abc import Iterator
from pathlib import Path

from generation.models import IssuerRange, Tier
from generation.published import meanings
from generation.ranges import range_keys
from generation.schemes import detection, registry

_LIST = Path(__file__).parent / "data" / "issuer_ranges.csv"
_PREFIX = 6


def register_ranges() -> list[IssuerRange]:
    """Register the catalogue's issuer ranges that are not there yet; return those added.

    One that overlaps a range somebody registered before is left out: the database refuses it.
    """
    known = set(IssuerRange.objects.values_list("iin", "pan_length"))
    wanted = [found for found in _all() if (found.iin, found.pan_length) not in known]
    IssuerRange.objects.bulk_create(wanted, ignore_conflicts=True)
    now = IssuerRange.objects.order_by("id")
    return [found for found in now if (found.iin, found.pan_length) not in known]


def _all() -> list[IssuerRange]:
    listed = {(found.iin, found.pan_length): found for found in _listed()}
    shapes = {(found.iin, found.pan_length): found for found in _brand_shapes()}
    return [*listed.values(), *(shapes[key] for key in sorted(shapes.keys() - listed.keys()))]


def _listed() -> Iterator[IssuerRange]:
    with _LIST.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            length = int(row.pop("pan_length"))
            yield _issuer_range(pan_length=length, **row)


def _brand_shapes() -> Iterator[IssuerRange]:
    """Every six-digit prefix and length of a published number whose scheme mints cards like it."""
    for meaning in meanings():
        number = meaning.number
        if meaning.luhn_valid and _is_of_living_scheme(number, meaning.scheme):
            yield _issuer_range(
                scheme=meaning.scheme,
                iin=number[:_PREFIX],
                pan_length=len(number),
                tier=Tier.BRAND_SHAPE,
                source=f"prefix of a test card published by {meaning.provider}: {meaning.source}",
            )


def _is_of_living_scheme(number: str, code: str) -> bool:
    if not registry.exists(code):
        return False
    scheme, seen = registry.get(code), detection.detect(number)
    agrees = seen is None or seen.code == code  # some providers label a number as another scheme's
    return agrees and scheme.status == "active" and len(number) in scheme.pan_lengths


def _issuer_range(*, iin: str, pan_length: int, **fields: str) -> IssuerRange:
    check_value = range_keys(iin=iin, pan_length=pan_length).check_value
    return IssuerRange(iin=iin, pan_length=pan_length, key_check_value=check_value, **fields)
