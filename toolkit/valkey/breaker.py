"""Circuit breakers: a server that failed is left alone for some seconds."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

from redis.exceptions import RedisClusterException, RedisError

PAUSE = 5.0  # seconds
_QUIET = 60.0  # seconds between two log lines about the same server
# RedisClusterException is no RedisError.
FAILURES = (RedisError, RedisClusterException, OSError)
# A server or a proxy may answer anything; redis-py and its callers stumble over it in these ways.
_NONSENSE = (ValueError, TypeError, LookupError, AttributeError)

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Breaker:
    """Says whether a server may be asked. After a pause one caller tries; the others go on without.

    :param name: for the log
    :param pause: seconds
    """

    def __init__(self, name: str, *, pause: float = PAUSE) -> None:
        self._name = name
        self._pause = pause
        self._lock = threading.Lock()
        self._open_until = 0.0
        self._logged_at = -_QUIET

    def allows(self) -> bool:
        """Tell whether to ask the server now; if so, say afterwards how it went."""
        with self._lock:
            now = time.monotonic()
            if now < self._open_until:
                return False
            if self._open_until:
                self._open_until = now + self._pause  # nobody else waits for this trial
            return True

    def succeeded(self) -> None:
        """Let everybody ask."""
        self._open_until = 0.0

    def failed(self, error: BaseException) -> None:
        """Let nobody ask for a while; logged at most once a minute."""
        with self._lock:
            now = time.monotonic()
            self._open_until = now + self._pause
            quiet = now - self._logged_at < _QUIET
            self._logged_at = self._logged_at if quiet else now
        if not quiet:
            # The kind alone: a message may quote what was sent.
            kind = type(error).__name__
            logger.warning("%s is left alone for %g s: %s", self._name, self._pause, kind)


class Errors(Protocol):
    """What failures are counted by."""

    def add(self, event: Literal["errors"], /) -> None:
        """Count one."""


class Breakers:
    """One breaker for each name, made when first needed; failures are counted."""

    def __init__(self, *, counters: Errors, pause: float = PAUSE) -> None:
        self._counters = counters
        self._pause = pause
        self._breakers: dict[str, Breaker] = {}

    def guarded(self, name: str, action: Callable[[], T]) -> T | None:
        """Return what `action` returns, or None where it fails or may not be tried now."""
        breaker = self._breakers.setdefault(name, Breaker(name, pause=self._pause))
        if not breaker.allows():
            return None
        try:
            result = action()
        except (*FAILURES, *_NONSENSE) as error:
            self._counters.add("errors")
            breaker.failed(error)
            return None
        breaker.succeeded()
        return result
