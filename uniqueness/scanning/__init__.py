"""Card numbers in logs and dumps of any size: found, looked up, told apart (docs/scanning.md)."""

from uniqueness.scanning.hits import Hit, masked, scan
from uniqueness.scanning.rules import known
from uniqueness.scanning.sources import size_of, source_named

__all__ = ["Hit", "known", "masked", "scan", "size_of", "source_named"]
