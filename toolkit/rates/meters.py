"""Meters: limits of requests, which must cost a request next to nothing."""

import time
from dataclasses import replace

from toolkit.gathering import Gatherer
from toolkit.rates.buckets import Buckets, Count
from toolkit.rates.windows import Unreachable, Window

_SHARED_EVERY = 0.25  # seconds


class Meter:
    """So many in a while for each who asks.

    A bucket of this process decides at once. A quarter of a second later a thread adds what it let
    through to the count of all processes; who is over the limit there, is refused here until that
    window ends. Without the cache server the buckets go on alone: see decision 24.

    :param name: of the policy, told in headers
    :param most: how many; 0 for no limit
    """

    def __init__(self, name: str, *, most: int, seconds: int = 60) -> None:
        self._most = most
        if most:
            self._buckets = Buckets(name, most=most, seconds=seconds)
            self._window = Window(f"rate-{name}", most=most, seconds=seconds)
        self._refused_until: dict[str, float] = {}
        self._passed = Gatherer(self._share, seconds=_SHARED_EVERY)

    def take(self, who: str) -> Count | None:
        """Count one; `wait` of the result says whether it may go on. None if there is no limit."""
        if not self._most:
            return None
        count = self._buckets.take(who)
        if count.wait:
            return count
        if wait := self._refused(who):
            return replace(count, left=0, wait=wait)
        self._passed.add(who, None)
        return count

    def refuses(self, who: str) -> float:
        """Return the seconds until there is room, 0 if there is; nothing is counted."""
        if not self._most:
            return 0.0
        return self._buckets.look(who).wait or self._refused(who)

    def _refused(self, who: str) -> float:
        until = self._refused_until.get(who)
        return max(until - time.monotonic(), 0.0) if until else 0.0

    def _share(self, who: str, passed: list[None]) -> None:
        try:
            wait = self._window.add(who, len(passed))
        except Unreachable:
            wait = 0.0
        if wait:
            self._refused_until[who] = time.monotonic() + wait
        else:
            self._refused_until.pop(who, None)
