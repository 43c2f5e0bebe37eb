"""From an item to chunks: numbers reserved and cut, not yet saved."""

from jobs.planning.cutting import missing_chunks, plan, plan_missing, plan_next
from jobs.planning.distinct import MOST, TooFewLastFours

__all__ = [
    "MOST",
    "TooFewLastFours",
    "missing_chunks",
    "plan",
    "plan_missing",
    "plan_next",
]
