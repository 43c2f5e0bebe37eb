"""Who changed what, and why."""

from uniqueness.trail.writing import hold_card_number, note, require_reason

__all__ = ["hold_card_number", "note", "require_reason"]
