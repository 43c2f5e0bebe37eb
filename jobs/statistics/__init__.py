"""Cards issued a day, for those who may see them."""

from jobs.statistics.figures import Dimension, Wanted, grouped, total
from jobs.statistics.folding import fold
from jobs.statistics.periods import MOST_DAYS, Period

__all__ = ["MOST_DAYS", "Dimension", "Period", "Wanted", "fold", "grouped", "total"]
