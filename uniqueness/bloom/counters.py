"""What layer 4 did in this process, counted."""

from threading import Lock
from typing import Literal, get_args

Event = Literal["hits", "misses", "loads", "absent", "damaged", "merges", "skipped", "errors"]


class Counters:
    """Counts since the process began.

    * hits: numbers that a sealed filter ruled out; misses: numbers that none did
    * loads: filters fetched; absent: not there; damaged: not what was sealed, and dropped
    * merges: chunks added to a live filter; skipped: those without room or server
    * errors: calls of the cache server that failed
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[Event, int] = dict.fromkeys(get_args(Event), 0)

    def add(self, event: Event, count: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts[event] += count

    def figures(self) -> dict[str, int]:
        """Return every count by name."""
        with self._lock:
            return {str(event): count for event, count in self._counts.items()}


counters = Counters()
