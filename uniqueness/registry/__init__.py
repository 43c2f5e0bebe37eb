"""Issuer ranges and tiers: registered and switched, with a reason."""

from uniqueness.registry.changes import register_owned, switch_range, switch_tier
from uniqueness.registry.tier_list import switch_words, tiers_now

__all__ = ["register_owned", "switch_range", "switch_tier", "switch_words", "tiers_now"]
