"""The counts of all processes, as metrics."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from cardgen.http import errors, measuring
from jobs import states, webhooks, work
from toolkit import totals
from toolkit.totals import BOUNDS, Durations, Total
from uniqueness import bloom, cache, check

COUNTED = (
    *(measuring.REQUESTS, measuring.SECONDS, errors.REFUSED),
    *(states.ENDED, work.CARDS, work.CHUNK_SECONDS, webhooks.ATTEMPTS),
    *(check.FINDINGS, bloom.EVENTS, cache.TOTAL),
)
_LIMITS = [*map(str, BOUNDS), "+Inf"]
Family = CounterMetricFamily | HistogramMetricFamily
Counts = dict[str, dict[tuple[str, ...], float]]


def families() -> Iterator[Family]:
    """Read the counts.

    :raises RedisError: if the cache server does not answer
    """
    found = totals.read()
    for counted in COUNTED:
        if isinstance(counted, Total):
            yield _counter(counted, found)
        else:
            yield _histogram(counted, found)


def _counter(total: Total, found: Counts) -> CounterMetricFamily:
    family = CounterMetricFamily(total.name, total.help, labels=total.labels)
    for values, count in (_nothing(total) | found.get(total.name, {})).items():
        if len(values) == len(total.labels):  # another version's may have others
            family.add_metric(values, count)
    return family


def _nothing(counted: Total | Durations) -> dict[tuple[str, ...], float]:
    return {(value,): 0.0 for value in counted.shown} if counted.labels else {(): 0.0}


def _histogram(durations: Durations, found: Counts) -> HistogramMetricFamily:
    family = HistogramMetricFamily(durations.name, durations.help, labels=durations.labels)
    buckets = found.get(f"{durations.name}_bucket", {})
    sums = _nothing(durations) | found.get(f"{durations.name}_sum", {})
    for values, seconds in sums.items():
        counts = [buckets.get((*values, str(place)), 0) for place in range(len(_LIMITS))]
        family.add_metric(values, list(zip(_LIMITS, accumulate(counts), strict=True)), seconds)
    return family
