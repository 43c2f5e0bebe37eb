"""Counts of all processes: they add up, and wait while the cache server is away."""

import os

import pytest
from redis.exceptions import RedisError

from toolkit import totals
from toolkit.totals import Durations, Total

SEEN = Total(name="test_seen_total", help="x", labels=("colour",))
ALL = Total(name="test_all_total", help="x")
TOOK = Durations(name="test_took_seconds", help="x", labels=("colour",))


def counted() -> dict[str, dict[tuple[str, ...], float]]:
    totals.flush()
    return totals.read()


def test_counts_of_several_processes_add_up():
    child = os.fork()
    SEEN.add("red", count=2)
    ALL.add()
    totals.flush()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert counted() == {"test_seen_total": {("red",): 4}, "test_all_total": {(): 2}}


def test_durations_fall_into_buckets():
    for seconds in (0.005, 0.0051, 700):
        TOOK.add("red", seconds=seconds)
    found = counted()
    assert found["test_took_seconds_bucket"] == {("red", "0"): 1, ("red", "1"): 1, ("red", "12"): 1}
    assert found["test_took_seconds_sum"] == {("red",): pytest.approx(700.0101)}


def test_while_the_cache_server_is_away_counts_wait(monkeypatch):
    def away() -> None:
        raise RedisError

    with monkeypatch.context() as patch:
        patch.setattr(totals, "client", away)
        SEEN.add("red")
        totals.flush()
    SEEN.add("red", count=3)
    assert counted() == {"test_seen_total": {("red",): 4}}


def test_nothing_is_no_count():
    SEEN.add("red", count=0)
    assert counted() == {}
