"""Numbers taken by hand."""

from uniqueness.claims.finding import Wish, find, in_sequence
from uniqueness.claims.searching import Pans, unused
from uniqueness.claims.taking import NotClaimable, keep_windows, lock, take

__all__ = [
    "NotClaimable",
    "Pans",
    "Wish",
    "find",
    "in_sequence",
    "keep_windows",
    "lock",
    "take",
    "unused",
]
