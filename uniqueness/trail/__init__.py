"""Who did what, and why."""

from uniqueness.trail.names import wrong_action, wrong_actor
from uniqueness.trail.searching import Search, find
from uniqueness.trail.verifying import Anchor, verify
from uniqueness.trail.writing import note, require_reason

__all__ = [
    "Anchor",
    "Search",
    "find",
    "note",
    "require_reason",
    "verify",
    "wrong_action",
    "wrong_actor",
]
