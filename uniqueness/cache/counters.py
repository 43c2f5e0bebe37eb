"""What the cache did in this process, for `GET /uniqueness/stats`."""

import threading
from collections import Counter
from typing import Literal

Event = Literal["local_hits", "server_hits", "misses", "rejected", "errors"]
EVENTS: tuple[Event, ...] = ("local_hits", "server_hits", "misses", "rejected", "errors")


class Counters:
    """Counts since the process started.

    `rejected` values were altered or foreign (also counted as misses); `errors` are failed calls of
    the server.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Event] = Counter()

    def add(self, event: Event, number: int = 1) -> None:
        """Count `number` events."""
        with self._lock:
            self._counts[event] += number

    def figures(self) -> dict[Event, int]:
        """Return every count."""
        with self._lock:
            return {event: self._counts[event] for event in EVENTS}
