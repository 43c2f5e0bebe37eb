"""All metrics at once, some seconds old at most: a scrape by many costs what one costs."""

import time
from collections.abc import Iterable, Iterator
from threading import Lock

from django.db import close_old_connections, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from cardgen.http import parts
from cardgen.http.parts import State
from cardgen.metrics import joined, rows

SECONDS = 5.0


class Collected(Collector):
    """Reads anew what is older than `SECONDS`.

    What cannot be read is left out, and `cardgen_up` says why.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._read_at = float("-inf")
        self._families: list[Metric] = []

    def describe(self) -> Iterable[Metric]:
        """Say nothing: prometheus_client would read all of it to learn the names."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return the families. Never raises for a server's sake."""
        with self._lock:
            if time.monotonic() - self._read_at >= SECONDS:
                self._families = list(_read())
                self._read_at = time.monotonic()
            return self._families


def _read() -> Iterator[Metric]:
    found = parts.look()
    up = GaugeMetricFamily("cardgen_up", "1 if the part answers.", labels=["part"])
    for part, state in found.items():
        up.add_metric([part], state is State.UP)
    yield up
    if found["database"] is State.UP:
        yield from _rows()
    if found["cache"] is State.UP:
        yield from _joined()


def _rows() -> list[Metric]:
    close_old_connections()
    try:
        return list(rows.families())
    finally:
        connection.close()


def _joined() -> list[Metric]:
    try:
        return list(joined.families())
    except (RedisError, OSError):
        return []
