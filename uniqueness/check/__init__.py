"""Whose number it is: all layers asked."""

from uniqueness.check.asking import check, counters
from uniqueness.check.explanation import Explanation, explain
from uniqueness.check.findings import Finding, Layer, State

__all__ = ["Explanation", "Finding", "Layer", "State", "check", "counters", "explain"]
