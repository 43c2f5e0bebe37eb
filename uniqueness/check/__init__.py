"""Whose number it is: all layers asked."""

from uniqueness.check.asking import FINDINGS, check, counters
from uniqueness.check.explanation import Explanation, explain
from uniqueness.check.findings import Finding, Layer, State

__all__ = ["FINDINGS", "Explanation", "Finding", "Layer", "State", "check", "counters", "explain"]
