"""So many in a while and no more, in one process and in all of them together."""

from toolkit.rates.buckets import Count
from toolkit.rates.meters import Meter
from toolkit.rates.windows import Unreachable, Window

__all__ = ["Count", "Meter", "Unreachable", "Window"]
