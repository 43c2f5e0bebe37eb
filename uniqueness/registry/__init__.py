"""Issuer ranges and tiers: registered and switched, with a reason."""

from uniqueness.registry.changes import register_owned, switch_range, switch_tier
from uniqueness.registry.range_promise import range_words
from uniqueness.registry.tier_list import switch_words, tiers_now

__all__ = [
    "range_words",
    "register_owned",
    "switch_range",
    "switch_tier",
    "switch_words",
    "tiers_now",
]
