"""Issuer ranges and tiers: registered and switched, with a reason."""

from uniqueness.registry.changes import register_owned, switch_range, switch_tier

__all__ = ["register_owned", "switch_range", "switch_tier"]
