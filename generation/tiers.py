"""Tiers: which are switched on, and what each promises in words (docs/tiers.md)."""

from generation.models import Tier, TierSwitch

PROMISES: dict[str, str] = {
    Tier.RESERVED: "Test IIN of ISO/IEC 7812: no issuer has it.",
    Tier.SCHEME_TEST: "Public lists show the card scheme itself as owner, not an issuer.",
    Tier.OWNED: "A range your organisation owns, as an administrator has recorded.",
    Tier.BRAND_SHAPE: "Right shape only: a number may coincide with one an issuer has assigned.",
}
"""What cards of a tier are, from the safest to the least safe."""

ORDER = tuple(PROMISES)
"""The order in which a scheme's ranges are used."""


def is_enabled(tier: str) -> bool:
    """Tell whether cards of the tier may be minted; all may but `brand_shape`, unless switched."""
    return tier in enabled()


def enabled() -> frozenset[str]:
    """The tiers whose ranges may be minted in."""
    switched = dict(TierSwitch.objects.values_list("tier", "enabled"))
    return frozenset(tier for tier in ORDER if switched.get(tier, tier != Tier.BRAND_SHAPE))
