"""Card numbers in logs and dumps of any size: found, looked up, told apart (docs/scanning.md)."""

from uniqueness.scanning.hits import Hit, masked, scan
from uniqueness.scanning.rules import known
from uniqueness.scanning.sources import STDIN, opened, size_of

__all__ = ["STDIN", "Hit", "known", "masked", "opened", "scan", "size_of"]
