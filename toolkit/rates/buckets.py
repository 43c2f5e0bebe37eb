"""Buckets: one for each who asks, filled at a steady pace. Knows this process alone."""

import threading
import time
from dataclasses import dataclass, replace

_SWEPT_AT = 20_000  # buckets; those that are full again say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What is left of a limit, in the words of the draft of RateLimit header fields for HTTP."""

    policy: str
    most: int
    seconds: int
    left: int
    full_in: float
    """Seconds until all of it is there again."""
    wait: float = 0.0
    """Seconds until there is room; 0: this one was let through."""


class Buckets:
    """Token buckets, kept as the time when each is full again (GCRA); any thread may ask."""

    def __init__(self, policy: str, *, most: int, seconds: int) -> None:
        self._policy, self._most, self._seconds = policy, most, seconds
        self._step = seconds / most
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, who: str) -> Count:
        """Take one, if there is room."""
        with self._lock:
            full_at, now = self._full_again(who)
            count = self._count(full_at - now)
            if count.wait:
                return count
            full_at += self._step
            self._full_at[who] = full_at
            self._sweep(now)
        return replace(self._count(full_at - now), wait=0.0)

    def look(self, who: str) -> Count:
        """Tell what is left and how long one more would wait; nothing is taken."""
        full_at, now = self._full_again(who)
        return self._count(full_at - now)

    def _full_again(self, who: str) -> tuple[float, float]:
        now = time.monotonic()
        return max(self._full_at.get(who, now), now), now

    def _count(self, full_in: float) -> Count:
        return Count(
            policy=self._policy,
            most=self._most,
            seconds=self._seconds,
            left=int((self._seconds - full_in) / self._step + 1e-6),
            full_in=full_in,
            wait=max(full_in + self._step - self._seconds, 0.0),
        )

    def _sweep(self, now: float) -> None:
        if len(self._full_at) > _SWEPT_AT:
            self._full_at = {who: at for who, at in self._full_at.items() if at > now}
