"""Counts that all processes share, on the cache server (`limits`: one atomic script a question)."""

import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from toolkit.valkey.breaker import FAILURES, Breaker
from toolkit.valkey.connections import client

T = TypeVar("T")
_breaker = Breaker("rate limits")


class Unreachable(Exception):
    """The cache server does not answer."""


class _CacheServer(RedisStorage):
    """Counts on the cache server, in whichever form `CACHE_URL` has it."""

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012 (the base class declares it so)

    def __init__(self) -> None:
        Storage.__init__(self)
        self.key_prefix, self.storage = "cardgen", client()
        self.initialize_storage("")

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What may be raised; it goes on as it is."""
        return FAILURES


class Window:
    """So many in fixed stretches of some seconds; whoever asks, in whichever process.

    :param name: for the keys; of one name there is one limit
    """

    def __init__(self, name: str, *, most: int, seconds: int) -> None:
        self._item = RateLimitItemPerSecond(most, seconds, namespace=name)

    def add(self, who: str, count: int) -> float:
        """Count so many; return the seconds until the window ends if they were too many, else 0.

        :raises Unreachable: if the server does not answer
        """
        return _guarded(lambda: 0.0 if self._hit(who, count) else self._left(who))

    def spent(self, who: str) -> float:
        """Return the seconds until there is room, 0 if there is; nothing is counted.

        :raises Unreachable: if the server does not answer
        """
        return _guarded(lambda: 0.0 if _limiter().test(self._item, who) else self._left(who))

    def _hit(self, who: str, count: int) -> bool:
        return _limiter().hit(self._item, who, cost=count)

    def _left(self, who: str) -> float:
        ends = _limiter().get_window_stats(self._item, who).reset_time
        return max(ends - time.time(), 0.001)


@cache
def _limiter() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(_CacheServer())


def _guarded(ask: Callable[[], T]) -> T:
    if not _breaker.allows():
        raise Unreachable
    try:
        answer = ask()
    except FAILURES as error:
        _breaker.failed(error)
        raise Unreachable from error
    _breaker.succeeded()
    return answer
