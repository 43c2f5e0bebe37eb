"""Limits: exact in one process, shared by all soon, and kept without the server."""

import time
from collections.abc import Iterator
from itertools import count

import pytest
import pytest_django

from tests.support.threads import at_once
from toolkit.rates import Meter, Unreachable, Window, windows
from toolkit.valkey.breaker import Breaker

_names = count()
FULL_AGAIN = 600  # seconds; no bucket gains one while a test runs


@pytest.fixture
def name() -> str:
    """A name that no other test uses: the counts outlive them."""
    return f"test-{time.time_ns()}-{next(_names)}"


def meter(name: str, *, most: int) -> Meter:
    return Meter(name, most=most, seconds=FULL_AGAIN * most)


def passed(meter: Meter, times: int, who: str = "a") -> int:
    return sum(not meter.take(who).wait for _ in range(times))


def test_no_more_pass_than_the_limit_says_whoever_asks_at_once(name):
    here = meter(name, most=5)
    waits = [one.wait for one in at_once(20, lambda _: here.take("a"))]
    assert waits.count(0) == 5
    assert passed(here, 1, "b") == 1


def test_what_is_left_is_told(name):
    here = meter(name, most=3)
    told = [here.take("a") for _ in range(4)]
    assert [one.left for one in told] == [2, 1, 0, 0]
    assert told[3].wait > 0
    assert told[3].full_in >= told[3].wait


def test_what_one_process_lets_through_counts_in_all(name):
    here, there = meter(name, most=10), meter(name, most=10)
    assert passed(here, 9) == 9
    more = 0
    while not there.take("a").wait:
        more += 1
        time.sleep(0.3)  # what was let through is shared by then
    assert more < 9
    assert there.take("b").wait == 0


def test_without_a_limit_nothing_is_counted(name):
    assert Meter(name, most=0).take("a") is None


@pytest.fixture
def no_server(settings: pytest_django.Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the cache server be away."""
    away = settings.CACHES["default"] | {"LOCATION": ["redis://127.0.0.1:1/0"]}
    settings.CACHES = {"default": away}
    monkeypatch.setattr(windows, "_breaker", Breaker("a test"))
    windows._limiter.cache_clear()
    yield
    windows._limiter.cache_clear()


def test_without_the_server_each_process_goes_on_alone(name, no_server):
    with pytest.raises(Unreachable):
        Window(name, most=1, seconds=60).add("a", 1)
    assert passed(meter(name, most=3), 5) == 3
