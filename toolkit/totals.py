"""Counts that only grow, of all processes together: what Prometheus calls counters and histograms.

    REFUSED = Total(name="cardgen_refused_total", help="…", labels=("code",))
    REFUSED.add("quota_exceeded")

Each process gathers them and adds them to one hash of the cache server once a second. While that is
away they wait here; when it has lost them they begin at 0, which Prometheus expects of counters.
What stands in a label comes from the code's own short lists: no number, key, person or text of a
client (docs/decisions/0030-counters-join-in-valkey.md).
"""

import logging
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError

from toolkit.gathering import Gatherer
from toolkit.valkey.connections import client

logger = logging.getLogger(__name__)
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the buckets of durations, in seconds."""
_KEY = "cardgen:totals"
_APART = "\x1f"
_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A count, or one for each set of labels. The name ends in `_total`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    """Values of its only label that are 0 until something is counted: Prometheus sees no growth in
    a count that begins at 1, so the first of something rare would be no alert."""

    def add(self, *values: str, count: float = 1) -> None:
        """Count; it costs the caller a microsecond, and never fails.

        :param values: of the labels, in their order
        """
        _add(self.name, values, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How long something took, by buckets. The name ends in `_seconds`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    """As `Total.shown`."""

    def add(self, *values: str, seconds: float) -> None:
        """Count one that took so long; as `Total.add`."""
        _add(f"{self.name}_bucket", (*values, str(bisect_left(BOUNDS, seconds))), 1)
        _add(f"{self.name}_sum", values, seconds)


def _add(name: str, values: tuple[str, ...], count: float) -> None:
    if count:
        _gatherer.add("", (_APART.join((name, *values)), count))


def read() -> dict[str, dict[tuple[str, ...], float]]:
    """Read the counts of all processes: by name, then by the values of the labels.

    :raises RedisError: if the cache server does not answer
    """
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for field, count in cast("dict[bytes, bytes]", client().hgetall(_KEY)).items():
        name, *values = field.decode().split(_APART)
        found.setdefault(name, {})[tuple(values)] = float(count)
    return found


def flush() -> None:
    """Send what was gathered at once, as tests do."""
    _gatherer.flush()


def _send(_: str, gathered: list[tuple[str, float]]) -> None:
    counts: dict[str, float] = {}
    for field, count in gathered:
        counts[field] = counts.get(field, 0) + count
    try:
        _hand_on(counts)
    except (RedisError, OSError) as error:
        logger.debug("counts wait: %s", type(error).__name__)
        for one in counts.items():
            _gatherer.add("", one)


def _hand_on(counts: Mapping[str, float]) -> None:
    pipeline = client().pipeline(transaction=True)
    for field, count in counts.items():
        pipeline.hincrbyfloat(_KEY, field, count)
    pipeline.execute()


_gatherer: Gatherer[str, tuple[str, float]] = Gatherer(_send, seconds=_SECONDS)
