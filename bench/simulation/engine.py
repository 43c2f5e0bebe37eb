"""A discrete-event simulation: a clock, and things that processes share and wait for.

A process is a generator. It yields requests, functions that take what to do when they are granted.
Times are seconds.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator

Then = Callable[[], None]
Request = Callable[[Then], None]
Process = Generator[Request, None, None]
_ROUNDING = 1e-12


class Clock:
    """The time, and what happens when; events of one moment happen in the order of planning."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Then]] = []
        self._order = itertools.count()

    def after(self, seconds: float, then: Then) -> None:
        """Have something happen so much later."""
        heapq.heappush(self._events, (self.now + seconds, next(self._order), then))

    def start(self, process: Process) -> None:
        """Let a process run until its next request, and go on once that is granted."""
        request = next(process, None)
        if request is not None:
            request(lambda: self.start(process))

    def run(self) -> None:
        """Let everything happen."""
        while self._events:
            self.now, _, then = heapq.heappop(self._events)
            then()


class Cores:
    """`count` cores that share themselves out evenly (processor sharing); infinity: no limit.

    :param rivals: programs outside the simulation that always want a core, too
    """

    def __init__(self, clock: Clock, *, count: float, rivals: float = 0.0) -> None:
        self._clock, self._count, self._rivals = clock, count, rivals
        self._virtual = self._last = self.busy = 0.0
        self._served: list[tuple[float, int, Then]] = []
        self._order = itertools.count()
        self._plan = 0

    def serve(self, work: float) -> Request:
        """Ask for so many seconds of one core."""

        def request(then: Then) -> None:
            self._advance()
            entry = (self._virtual + work, next(self._order), then)
            heapq.heappush(self._served, entry)
            self._schedule()

        return request

    def _rate(self) -> float:
        return min(1.0, self._count / (len(self._served) + self._rivals))

    def _advance(self) -> None:
        passed, self._last = self._clock.now - self._last, self._clock.now
        if self._served:
            rate = self._rate()
            self._virtual += passed * rate
            self.busy += passed * rate * len(self._served)

    def _schedule(self) -> None:
        self._plan += 1
        if self._served:
            left = max(0.0, self._served[0][0] - self._virtual)
            plan = self._plan
            self._clock.after(left / self._rate(), lambda: self._finish(plan))

    def _finish(self, plan: int) -> None:
        if plan != self._plan:  # somebody came meanwhile: another event was planned
            return
        self._advance()
        done = []
        until = max(self._virtual, self._served[0][0]) + _ROUNDING
        while self._served and self._served[0][0] <= until:
            done.append(heapq.heappop(self._served)[2])
        self._schedule()
        for then in done:
            then()


class Line:
    """One place, taken in the order of asking: a row lock, or anything done one after another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[Then] = deque()
        self._taken_at: float | None = None
        self.busy = 0.0

    def acquire(self, then: Then) -> None:
        """Ask for the place; `release` gives it back."""
        if self._taken_at is None:
            self._taken_at = self._clock.now
            then()
        else:
            self._waiting.append(then)

    def release(self) -> None:
        """Give the place to whoever asked first."""
        self.busy += self._clock.now - (self._taken_at or 0.0)
        self._taken_at = None
        if self._waiting:
            self._taken_at = self._clock.now
            self._clock.after(0.0, self._waiting.popleft())

    def serve(self, work: float) -> Request:
        """Ask for the place and hold it for so long."""

        def request(then: Then) -> None:
            def leave() -> None:
                self.release()
                then()

            self.acquire(lambda: self._clock.after(work, leave))

        return request


class Log:
    """A write-ahead log: one flush at a time makes durable all that was written before it.

    A flush lasts `flush` seconds and `flush_each` for each byte since the last one; and no disk
    takes more than `bytes_per_second`, whoever waits.
    """

    def __init__(
        self, clock: Clock, *, bytes_per_second: float, flush: float, flush_each: float = 0.0
    ) -> None:
        self._clock, self._rate = clock, bytes_per_second
        self._flush, self._flush_each = flush, flush_each
        self._drained = self._pending = 0.0
        self._waiting: list[Then] = []
        self._flushing = False
        self._flushed = self._carried = 0.0

    @property
    def busy(self) -> float:
        """Seconds of flushing, or those that the disk needs for the bytes if that is more."""
        return max(self._flushed, self._carried)

    def append(self, size: float, *, since: float) -> None:
        """Write bytes, begun at a moment that has passed; nobody waits for that until a flush."""
        self._drained = max(since, self._drained) + size / self._rate
        self._pending += size
        self._carried += size / self._rate

    def flush(self, then: Then) -> None:
        """Wait until all that was written before is durable; those who wait share a flush."""
        self._waiting.append(then)
        if not self._flushing:
            self._begin()

    def _begin(self) -> None:
        served, self._waiting, self._flushing = self._waiting, [], True
        left = max(self._drained - self._clock.now, self._pending * self._flush_each)
        self._pending = 0.0
        lasts = left + self._flush
        self._flushed += lasts
        self._clock.after(lasts, lambda: self._end(served))

    def _end(self, served: list[Then]) -> None:
        self._flushing = False
        if self._waiting:
            self._begin()
        for then in served:
            then()
