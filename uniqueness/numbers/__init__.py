"""How numbers look, in a text or a list."""

from uniqueness.numbers.cards import holds_card_number, is_card
from uniqueness.numbers.features import (
    TEST_SCHEME,
    SchemeRule,
    are_dates,
    end_in_check_digit,
    scheme_rules,
)
from uniqueness.numbers.shapes import SHORTEST, Shapes, find
from uniqueness.numbers.validation import PUBLISHED, Verdict, validate

__all__ = [
    "PUBLISHED",
    "SHORTEST",
    "TEST_SCHEME",
    "SchemeRule",
    "Shapes",
    "Verdict",
    "are_dates",
    "end_in_check_digit",
    "find",
    "holds_card_number",
    "is_card",
    "scheme_rules",
    "validate",
]
