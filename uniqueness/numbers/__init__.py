"""How numbers look, in a text or a list."""

from uniqueness.numbers.shapes import Shapes, find
from uniqueness.numbers.validation import PUBLISHED, Verdict, validate

__all__ = ["PUBLISHED", "Shapes", "Verdict", "find", "validate"]
