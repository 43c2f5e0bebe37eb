"""Counts of what happened in this process since it began, and in all processes if wanted."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

Event = TypeVar("Event", bound=Hashable)


class Counters(Generic[Event]):
    """One count an event; those named at the start are shown from 0 on. Any thread may add.

    :param tell: counts the same for all processes (`toolkit.totals`); an event is its labels
    """

    def __init__(
        self, events: Iterable[Event] = (), *, tell: Callable[..., object] | None = None
    ) -> None:
        self._tell = tell
        self._lock = Lock()
        self._counts: dict[Event, int] = dict.fromkeys(events, 0)

    def add(self, event: Event, count: int = 1) -> None:
        """Count an event, or several of its kind."""
        self.add_all({event: count})

    def add_all(self, counts: Mapping[Event, int]) -> None:
        """Count events of many kinds at once."""
        with self._lock:
            for event, count in counts.items():
                self._counts[event] = self._counts.get(event, 0) + count
        if self._tell:
            for event, count in counts.items():
                self._tell(*_labels(event), count=count)

    def figures(self) -> dict[Event, int]:
        """Return every count by its event."""
        with self._lock:
            return dict(self._counts)


def _labels(event: Hashable) -> tuple[str, ...]:
    return tuple(map(str, event)) if isinstance(event, tuple) else (str(event),)
