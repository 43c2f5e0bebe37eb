"""How numbers look, in a text or a list."""

from uniqueness.numbers.cards import holds_card_number, is_card
from uniqueness.numbers.shapes import SHORTEST, Shapes, find
from uniqueness.numbers.validation import PUBLISHED, Verdict, validate

__all__ = [
    "PUBLISHED",
    "SHORTEST",
    "Shapes",
    "Verdict",
    "find",
    "holds_card_number",
    "is_card",
    "validate",
]
