"""What a process and the cache server know of one test's rows, the next test is not told.

Rows are rolled back or emptied, and their numbers, names and addresses are given anew. Whatever the
product remembers by them goes before each test, wherever the test before ran.
"""

from collections.abc import Iterator

import pytest
from django_redis import get_redis_connection

from cardgen.access import limits
from generation import known_ranges
from jobs.orders import at_once
from realtime import announce
from toolkit import tally, totals
from toolkit.gathering import Gatherer
from toolkit.rates import Meter, windows
from toolkit.valkey import connections
from toolkit.valkey.breaker import Breaker, Breakers
from uniqueness.bloom import filters, store
from uniqueness.cache import answers, shared
from uniqueness.pool.stock import Stocks

# All tests come from one address: none may have the keys of the next one refused.
_UNCOUNTED = Meter("address-wrong-keys", most=0)
_METERS = (limits.addresses, limits.handshakes, limits._keys, limits._throttled, limits._users)
# Their threads would hand on in the next test, to a server of its own.
_GATHERERS: tuple[Gatherer, ...] = (
    *(tally._gatherer, totals._gatherer, announce._soon),
    *(meter._passed for meter in _METERS),
)
# Made when first needed, and kept for ever.
_KEPT = (answers._answers, shared._shared, windows._limiter)


class CacheServer:
    """Knows whether something may stand on the cache server since it was emptied."""

    def __init__(self) -> None:
        self.is_empty = False

    def connect(self, alias: str) -> connections.Client:
        """Do what `get_redis_connection` does: who asks for a connection may write."""
        self.is_empty = False
        return get_redis_connection(alias)

    def empty(self) -> None:
        """Empty it, unless nobody can have written."""
        if not self.is_empty:
            get_redis_connection("default").flushdb()
            self.is_empty = True


server = CacheServer()


@pytest.fixture(scope="session", autouse=True)
def _watched_server() -> Iterator[None]:
    """Have all of this process reach the cache server by way of `server`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "get_redis_connection", server.connect)
        yield


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch, _watched_server: None) -> None:
    """Begin as a process that has just started does, beside a cache server that is empty."""
    for gatherer in _GATHERERS:
        _drop(gatherer)
    server.empty()
    for kept in _KEPT:
        kept.cache_clear()
    monkeypatch.setattr(known_ranges, "_known", {})
    monkeypatch.setattr(at_once, "_stocks", Stocks())
    monkeypatch.setattr(limits, "_wrong_keys", _UNCOUNTED)
    monkeypatch.setattr(filters, "shelf", filters.Shelf())
    monkeypatch.setattr(store, "breakers", Breakers(counters=store.counters, pause=store._PAUSE))
    monkeypatch.setattr(windows, "_breaker", Breaker("rate limits"))
    monkeypatch.setattr(announce, "_loudspeaker", announce._Loudspeaker())


def _drop(gatherer: Gatherer) -> None:
    """Lose what waits to be handed on, and wait for what is under way."""
    with gatherer._handing_on, gatherer._lock:
        gatherer._take()
