"""Numbers taken by hand."""

from uniqueness.claims.finding import Held, Wish, find, hold
from uniqueness.claims.searching import Pans
from uniqueness.claims.taking import NotClaimable, take

__all__ = ["Held", "NotClaimable", "Pans", "Wish", "find", "hold", "take"]
