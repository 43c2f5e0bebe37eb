"""All tiers with what each promises, whether it is on, and its ranges counted."""

from typing import Any

from django.db.models import Count, Q

from generation import tiers
from generation.models import IssuerRange, Tier


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
