"""The rules by name, for settings and for what is written down."""

from enum import StrEnum


class RuleName(StrEnum):
    """One for each rule."""

    KEY_RATE = "key_rate"
    ENUMERATION = "enumeration"
    FILTER_HARVEST = "filter_harvest"
    REFUSED_RANGES = "refused_ranges"
    NEW_NETWORK = "new_network"
    FAILED_LOGINS = "failed_logins"
    RANGE_SHARE = "range_share"


OF_KEYS = tuple(name for name in RuleName if name not in {"failed_logins", "range_share"})
"""Rules that find keys; the others find users, and nothing is ever done to those."""
