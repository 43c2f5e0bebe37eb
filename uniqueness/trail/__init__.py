"""Who changed what, and why."""

from uniqueness.trail.writing import note, require_reason

__all__ = ["note", "require_reason"]
