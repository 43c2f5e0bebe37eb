"""From a registered issuer range to what the kernel needs to mint in it."""

import re
from functools import lru_cache

import numpy as np
from django.conf import settings
from django.db.models import QuerySet
from numpy.typing import NDArray

from generation import tiers
from generation.errors import MasterKeyMismatch, RangeDisabled, UnregisteredIin
from generation.kernel.keys import RangeKeys, derive
from generation.kernel.mint import slots_of as kernel_slots_of
from generation.kernel.spec import RangeSpec
from generation.models import IssuerRange, SequentialWindow, Tier
from generation.schemes import code_of, registry
from toolkit.near import did_you_mean

_IIN = re.compile("[0-9]{6,8}")
_LIKE_A_RANGE = 0.85
"""Of eight digits seven are the same: fewer are chance."""
_MOST_COMPARED = 1_000
_COMPARED = ("scheme", "iin", "pan_length", "tier", "key_check_value")


def range_keys(*, iin: str, pan_length: int) -> RangeKeys:
    """Derive the range's keys from the master key (HKDF, RFC 5869)."""
    return _derived(settings.CARDGEN_MASTER_KEY, iin=iin, pan_length=pan_length)


_derived = lru_cache(maxsize=1024)(derive)


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
        cvv_length=registry.get(issuer_range.scheme).cvv_length,
        cvv_from_pan=issuer_range.tier == Tier.BRAND_SHAPE,
    )


def check_master_key() -> None:
    """Compare every registered range's key check value with the master key's.

    :raises MasterKeyMismatch: for the first range that differs
    """
    # Only what is compared: the table may still lack a column that a migration will add.
    for issuer_range in IssuerRange.objects.only(*_COMPARED):
        spec(issuer_range)


def mintable() -> QuerySet[IssuerRange]:
    """Ranges that are switched on, and whose tier is."""
    return IssuerRange.objects.filter(enabled=True, tier__in=tiers.enabled())


def named(name: str) -> IssuerRange:
    """Find the mintable range called `name`: `IIN-length`, or the IIN alone.

    :raises UnregisteredIin: if there is none
    :raises RangeDisabled: if it, or its tier, is switched off
    """
    wanted = list(registered(name))
    on = tiers.enabled()
    usable = [found for found in wanted if found.enabled and found.tier in on]
    if usable:
        return usable[0]
    if not wanted:
        raise unregistered(name, remedy="an administrator can register more.")
    raise RangeDisabled(_why_off(wanted[0]), range=name, tier=wanted[0].tier)


def registered(name: str) -> QuerySet[IssuerRange]:
    """Ranges called `name`, switched on or not; an IIN alone may name one for each PAN length."""
    iin, dash, length = name.partition("-")
    if not _IIN.fullmatch(iin):  # what is typed may hold what PostgreSQL takes for no text
        return IssuerRange.objects.none()
    found = IssuerRange.objects.filter(iin=iin).order_by("id")
    return found.filter(pan_length=_number(length)) if dash else found


def of_scheme(code: str) -> list[IssuerRange]:
    """List the scheme's mintable ranges.

    :raises UnknownScheme: if the catalogue has no such scheme
    :raises RangeDisabled: if the scheme has no mintable range; says what an administrator can do
    """
    code = code_of(code)
    ranges = list(mintable().filter(scheme=code))
    if not ranges:
        off = IssuerRange.objects.filter(scheme=code).first()
        raise RangeDisabled(
            _why_off(off)
            if off
            else f"Scheme {code} has no issuer range. An administrator can register one that the"
            " organisation owns.",
            scheme=code,
        )
    return ranges


def _why_off(issuer_range: IssuerRange) -> str:
    if not issuer_range.enabled:
        return (
            f"Issuer range {issuer_range.name} is switched off. An administrator can switch it on:"
            f' cardgen switch --range {issuer_range.name} on --reason "…"'
        )
    return (
        f"Issuer range {issuer_range.name} is of tier {issuer_range.tier}, which is switched off:"
        f" {tiers.PROMISES[issuer_range.tier]} An administrator can switch the tier on:"
        f' cardgen switch --tier {issuer_range.tier} on --reason "…" (or PATCH'
        f" /api/v1/tiers/{issuer_range.tier}), or register a range that the organisation owns."
    )


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{2}", text) else 0


def slots_of(
    issuer_range: IssuerRange, *, pans: list[str] | NDArray[np.bytes_]
) -> NDArray[np.int64]:
    """Return each PAN's slot in the range, -1 where it is not one of the range's numbers.

    The slot is the one whose card has that PAN, in sequential windows too.
    """
    windows = SequentialWindow.objects.filter(issuer_range=issuer_range)
    sequential = windows.values_list("window", flat=True)
    return kernel_slots_of(spec(issuer_range), pans=pans, sequential_windows=list(sequential))


def permuted_slots_of(
    issuer_range: IssuerRange, *, pans: list[str] | NDArray[np.bytes_]
) -> NDArray[np.int64]:
    """Return what `slots_of` would if no window were sequential.

    A window has the same PANs in either order, so this tells windows right, and it never changes.
    """
    return kernel_slots_of(spec(issuer_range), pans=pans)


_NAME = re.compile("[0-9]{6,8}-[0-9]{2}")


def range_named(name: str) -> IssuerRange:
    """Find a registered range by its whole name, such as 400000-16.

    :raises UnregisteredIin: if there is none
    """
    if _NAME.fullmatch(name):
        for found in registered(name):
            return found
    raise unregistered(name, remedy="give the whole name, such as 400000-16.")


def unregistered(name: str, *, remedy: str) -> UnregisteredIin:
    """Say that there is no such range, and which one may be meant."""
    return UnregisteredIin(
        f"No issuer range {name} is registered.{meant_by(name)} GET /api/v1/issuer-ranges lists"
        f" those that are; {remedy}",
        range=name,
    )


def meant_by(name: str) -> str:
    """Ask whether a registered range is meant: of that IIN, else one that differs in a digit."""
    names = [one.name for one in IssuerRange.objects.order_by("id")[:_MOST_COMPARED]]
    iin = name.partition("-")[0]
    same = [one for one in names if one.partition("-")[0] == iin]
    return did_you_mean(name, same or names, likeness=0 if same else _LIKE_A_RANGE)
