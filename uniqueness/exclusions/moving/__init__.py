"""Bring in the cards of another system: numbers that were issued there, and must not be here."""

from uniqueness.exclusions.moving.bringing_in import MoveRequest, bring_in
from uniqueness.exclusions.moving.looking import recent_imports
from uniqueness.exclusions.moving.report import MoveReport, text_of
from uniqueness.exclusions.moving.rolling_back import roll_back

__all__ = ["MoveReport", "MoveRequest", "bring_in", "recent_imports", "roll_back", "text_of"]
