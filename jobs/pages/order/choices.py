"""What the order form offers: schemes, ranges, defects, fields, each in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from generation.fields import DEFAULT, FIELDS
from generation.kernel.defects import Defect
from generation.models import IssuerRange, Tier
from generation.ranges import mintable
from generation.schemes import name_of
from generation.tiers import ORDER, PROMISES
from uniqueness.pool.capacity import left_in

DEFECTS: dict[str, str] = {
    Defect.LUHN: "wrong check digit",
    Defect.TOO_SHORT: "number too short",
    Defect.TOO_LONG: "number too long",
    Defect.EXPIRED: "expired",
    Defect.CVV_LENGTH: "CVV too short",
    Defect.NON_DIGIT: "a letter in the number",
    Defect.UNKNOWN_SCHEME: "prefix of no scheme",
}
_GROUPS = {
    "pan": "Number",
    "scheme": "Where it is from",
    "expiry_month": "Expiry and CVV",
    "cardholder_name": "Cardholder",
    "service_code": "Stripe and chip",
    "pin": "PIN and issuer's checks",
}
"""Titles by the first field of each group; the fields stand in the order of docs/cards.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeChoice:
    """A range cards can be minted in now; `left` numbers can still be set aside."""

    name: str
    tier: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeChoice:
    """A scheme cards can be minted in now, with its ranges, the safest first."""

    code: str
    name: str
    ranges: tuple[RangeChoice, ...]

    @property
    def left(self) -> int:
        """Numbers left in all its ranges."""
        return sum(choice.left for choice in self.ranges)

    @property
    def tier(self) -> str:
        """The safest tier with numbers left: small orders get it (`pool.reserving.roomiest`)."""
        return next((choice.tier for choice in self.ranges if choice.left), self.ranges[0].tier)

    @property
    def room(self) -> str:
        """The most that one range of each tier has left, for the page's script: `tier:count …`."""
        most: dict[str, int] = {}
        for choice in self.ranges:
            most[choice.tier] = max(choice.left, most.get(choice.tier, 0))
        return " ".join(f"{tier}:{count}" for tier, count in most.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChoice:
    """A tier with its promise, and the schemes whose orders it serves first."""

    tier: str
    label: str
    promise: str
    schemes: tuple[SchemeChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """A field that a card can be shown with."""

    name: str
    example: str
    usual: bool


def scheme_choices() -> list[SchemeChoice]:
    """List the schemes with a mintable range, by name; costs three queries."""
    ranges = list(mintable())
    left = left_in(ranges)
    by_scheme: dict[str, list[RangeChoice]] = {}
    for found in sorted(ranges, key=_safest_first):
        choice = RangeChoice(name=found.name, tier=found.tier, left=left[found.pk])
        by_scheme.setdefault(found.scheme, []).append(choice)
    choices = [
        SchemeChoice(code=code, name=name_of(code), ranges=tuple(some))
        for code, some in by_scheme.items()
    ]
    return sorted(choices, key=lambda choice: choice.name)


def tier_choices(schemes: Iterable[SchemeChoice]) -> list[TierChoice]:
    """List the tiers that any of the schemes' ranges have, the safest first."""
    found = list(schemes)
    used = {choice.tier for scheme in found for choice in scheme.ranges}
    return [
        TierChoice(
            tier=tier,
            label=str(Tier(tier).label),
            promise=PROMISES[tier],
            schemes=tuple(scheme for scheme in found if scheme.tier == tier),
        )
        for tier in ORDER
        if tier in used
    ]


def field_groups() -> dict[str, list[FieldChoice]]:
    """Every field under the title of its group, in the order of docs/cards.md."""
    groups: dict[str, list[FieldChoice]] = {}
    title = ""
    for name, field in FIELDS.items():
        title = _GROUPS.get(name, title)
        choice = FieldChoice(name=name, example=field.example, usual=name in DEFAULT)
        groups.setdefault(title, []).append(choice)
    return groups


def _safest_first(issuer_range: IssuerRange) -> tuple[int, str]:
    return ORDER.index(issuer_range.tier), issuer_range.name
