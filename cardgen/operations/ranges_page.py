"""How many numbers are left, scheme by scheme and range by range, for whoever orders."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cardgen.operations.figures import runs_low
from generation.models import IssuerRange
from generation.ranges import mintable
from generation.schemes import name_of
from toolkit.rights import Right, has_right
from uniqueness.pool.capacity import RangeFigures, figures_of

_SHOWN_OFF = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRoom:
    """A range that orders are minted in, and what is left of it."""

    name: str
    tier: str
    left: int
    capacity: int
    low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeRoom:
    """A scheme with its ranges, the emptiest first."""

    name: str
    ranges: list[RangeRoom]

    @property
    def left(self) -> int:
        """Numbers left in all its ranges."""
        return sum(one.left for one in self.ranges)

    @property
    def low(self) -> int:
        """How many of its ranges run low."""
        return sum(one.low for one in self.ranges)


@never_cache
@require_safe
def ranges_page(request: HttpRequest) -> HttpResponse:
    """Show the schemes that can be ordered, by name, and ranges that are off to who may switch."""
    context: dict[str, Any] = {"schemes": schemes_with_room()}
    if has_right(request.user, Right.RANGES):
        off = IssuerRange.objects.filter(enabled=False).order_by("scheme", "iin", "pan_length")
        context["off"] = [(one, name_of(one.scheme)) for one in off[:_SHOWN_OFF]]
    return render(request, "ranges.html", context)


def schemes_with_room() -> list[SchemeRoom]:
    """Read what is left, in a few queries however many ranges there are."""
    ranges = list(mintable())
    figures = figures_of(ranges)
    by_scheme: dict[str, list[RangeRoom]] = {}
    for one in ranges:
        room = _room(one.name, one.tier, figures[one.pk])
        by_scheme.setdefault(one.scheme, []).append(room)
    found = [
        SchemeRoom(name=name_of(code), ranges=sorted(some, key=_emptiest_first))
        for code, some in by_scheme.items()
    ]
    return sorted(found, key=lambda scheme: scheme.name)


def _room(name: str, tier: str, figures: RangeFigures) -> RangeRoom:
    low = runs_low(figures)
    return RangeRoom(name=name, tier=tier, left=figures.left, capacity=figures.capacity, low=low)


def _emptiest_first(room: RangeRoom) -> tuple[float, str]:
    return room.left / room.capacity, room.name
