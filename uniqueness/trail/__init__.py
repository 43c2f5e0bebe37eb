"""Who did what, and why."""

from uniqueness.trail.verifying import Anchor, verify
from uniqueness.trail.writing import note, require_reason

__all__ = ["Anchor", "note", "require_reason", "verify"]
