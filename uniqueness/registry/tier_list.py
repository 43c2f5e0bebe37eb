"""All tiers with what each promises, whether it is on, and its ranges counted."""

from typing import Any

from django.db.models import Count, Q

from generation import tiers
from generation.models import IssuerRange, Tier

_ON = "Orders that name a scheme may then get cards of its ranges, if no safer one has room."
_OFF = "No new card is issued in its ranges. Jobs already accepted finish, and issued cards stay."


def switch_words(tier: Tier, *, on: bool) -> str:
    """Say what a tier promises, and what comes of switching it on or off."""
    return f"{tiers.PROMISES[tier]} {_ON if on else _OFF}"


def tiers_now() -> list[dict[str, Any]]:
    """Return every tier, the safest first, whether it was ever switched or not; two queries."""
    on = tiers.enabled()
    counted = (
        IssuerRange.objects.order_by()
        .values("tier")
        .annotate(ranges=Count("id"), usable=Count("id", filter=Q(enabled=True)))
    )
    figures = {row["tier"]: row for row in counted}
    return [
        {
            "tier": tier,
            "label": Tier(tier).label,
            "promise": tiers.PROMISES[tier],
            "on": tier in on,
            **figures.get(tier, {"ranges": 0, "usable": 0}),
        }
        for tier in tiers.ORDER
    ]
