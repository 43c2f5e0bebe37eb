"""What is said before a range is switched."""

from generation import tiers
from generation.models import IssuerRange

_ON = "New cards may then be issued in it, if its tier is on too."
_OFF = "No new card is issued in it. Jobs already accepted finish, and issued cards stay."


def range_words(issuer_range: IssuerRange, *, on: bool) -> str:
    """Say what the range promises, and what comes of switching it on or off."""
    promise = tiers.PROMISES[issuer_range.tier]
    return f"{issuer_range.tier}: {promise} {_ON if on else _OFF}"
