"""Cards issued a day, for those who may see them."""

from jobs.statistics.folding import fold

__all__ = ["fold"]
