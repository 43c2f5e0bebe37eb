"""What the layers did in this process, and what stands in the database.

Names are those of metrics (OpenMetrics: `_total` for what only grows), so that an exporter can take
them as they are.
"""

import time
from typing import Any

from django.db.models import Count, Value

from generation.models import IssuerRange
from uniqueness import bloom, cache, check
from uniqueness.check import Layer, State
from uniqueness.models import Exclusion, ImportedToken
from uniqueness.pool.capacity import figures_of

SECONDS = 10
"""The figures of the database are so old at most; four times that while they are counted anew."""
_KEY = "uniqueness-stats"
_COUNTS = (
    *("issued", "reserved", "released", "released_sequential", "promised"),
    *("excluded", "left", "capacity"),
)


def process() -> dict[str, dict[str, Any]]:
    """Count what the layers did in this process since it began."""
    found = check.counters.figures()
    return {
        "cardgen_check_findings_total": {
            layer.value: {state.value: found.get((layer.value, state.value), 0) for state in State}
            for layer in Layer
        },
        "cardgen_cache_events_total": {
            str(event): count for event, count in cache.figures().items()
        },
        "cardgen_bloom_events_total": {
            str(event): count for event, count in bloom.counters.figures().items()
        },
    }


def database() -> dict[str, Any]:
    """Count what became of all numbers; a few seconds old, counted by one process for all."""
    return cache.cached(_KEY, seconds=SECONDS, compute=_counted)


def _counted() -> dict[str, Any]:
    ranges = list(IssuerRange.objects.all())
    figures = figures_of(ranges)
    counts = {
        one.name: {name: getattr(figures[one.pk], name) for name in _COUNTS} for one in ranges
    }
    return {
        "computed_at": time.time(),
        "cardgen_range_numbers": counts,
        "cardgen_numbers": {name: sum(one[name] for one in counts.values()) for name in _COUNTS},
        "cardgen_bloom_windows": _windows(),
        "cardgen_exclusions": _exclusions(),
    }


def _windows() -> dict[str, int]:
    states = [window.digest is not None for window in bloom.used()]
    return {"sealed": sum(states), "unsealed": len(states) - sum(states)}


def _exclusions() -> dict[str, int]:
    numbers = Exclusion.objects.order_by().values_list("reason").annotate(Count("pan"))
    imported = Value(Exclusion.Reason.IMPORTED)
    tokens = ImportedToken.objects.order_by().values_list(imported).annotate(Count("token"))
    counts = dict.fromkeys(Exclusion.Reason.values, 0)
    for reason, count in numbers.union(tokens, all=True):
        counts[reason] += count
    return counts
