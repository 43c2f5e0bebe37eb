"""What `check` found in this process, counted by the layer that knew."""

from collections import Counter
from threading import Lock


class Counters:
    """Counts since the process began, by layer and state."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, counts: Counter[tuple[str, str]]) -> None:
        """Count findings, by layer and state."""
        with self._lock:
            self._counts += counts

    def figures(self) -> dict[tuple[str, str], int]:
        """Return what was counted so far."""
        with self._lock:
            return dict(self._counts)


counters = Counters()
