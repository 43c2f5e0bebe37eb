"""From a registered issuer range to what the kernel needs to mint in it."""

import re
from functools import lru_cache

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from generation import schemes
from generation.errors import MasterKeyMismatch, RangeDisabled, UnknownScheme, UnregisteredIin
from generation.kernel.keys import RangeKeys, derive
from generation.kernel.mint import slots_of as kernel_slots_of
from generation.kernel.spec import RangeSpec
from generation.models import IssuerRange


@lru_cache(maxsize=1024)
def range_keys(*, iin: str, pan_length: int) -> RangeKeys:
    """Derive the range's keys from the master key (HKDF, RFC 5869)."""
    return derive(settings.CARDGEN_MASTER_KEY, iin=iin, pan_length=pan_length)


def spec(issuer_range: IssuerRange) -> RangeSpec:
    """Return what the kernel needs to mint in the range.

    :raises MasterKeyMismatch: if the range was registered under another master key
    """
    keys = range_keys(iin=issuer_range.iin, pan_length=issuer_range.pan_length)
    if keys.check_value != issuer_range.key_check_value:
        raise MasterKeyMismatch(
            f"range {issuer_range.name} was registered under another master key (key check value"
            f" {issuer_range.key_check_value}, this key gives {keys.check_value}): restore the"
            " CARDGEN_MASTER_KEY the cards were made with, or numbers would repeat"
        )
    return RangeSpec(
        iin=issuer_range.iin,
        pan_length=issuer_range.pan_length,
        keys=keys,
        cvv_length=schemes.get(issuer_range.scheme).cvv_length,
    )


def check_master_key() -> None:
    """Compare every registered range's key check value with the master key's.

    :raises MasterKeyMismatch: for the first range that differs
    """
    for issuer_range in IssuerRange.objects.all():
        spec(issuer_range)


def named(name: str) -> IssuerRange:
    """Find the enabled range called `name`: `IIN-length`, or the IIN alone.

    :raises UnregisteredIin: if there is none
    :raises RangeDisabled: if it is switched off
    """
    iin, dash, length = name.partition("-")
    wanted = IssuerRange.objects.filter(iin=iin)
    if dash:
        wanted = wanted.filter(pan_length=_number(length))
    found = list(wanted.order_by("-enabled", "id")[:1])
    if not found:
        raise UnregisteredIin(
            f"No issuer range {name} is registered. GET /api/v1/issuer-ranges lists those that are;"
            " an administrator can register more.",
            range=name,
        )
    if not found[0].enabled:
        raise RangeDisabled(
            f"Issuer range {name} is switched off. An administrator can enable it.", range=name
        )
    return found[0]


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{2}", text) else 0


def of_scheme(code: str) -> list[IssuerRange]:
    """List the scheme's enabled ranges.

    :raises UnknownScheme: if the catalogue has no such scheme
    :raises RangeDisabled: if the scheme has no enabled range
    """
    if not schemes.exists(code):
        raise UnknownScheme(
            f"There is no scheme {code!r}. GET /api/v1/schemes lists the codes.", scheme=code
        )
    ranges = list(IssuerRange.objects.filter(scheme=code, enabled=True))
    if not ranges:
        raise RangeDisabled(
            f"Scheme {code} has no enabled issuer range. An administrator can register a range the"
            " organisation owns, or enable one.",
            scheme=code,
        )
    return ranges


def slots_of(issuer_range: IssuerRange, *, pans: list[str]) -> NDArray[np.int64]:
    """Return each PAN's slot in the range, -1 where it is not one of the range's numbers."""
    return kernel_slots_of(spec(issuer_range), pans=pans)
