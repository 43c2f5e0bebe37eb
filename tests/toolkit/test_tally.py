"""Counts of many processes: they add up, say nothing of numbers, and may be lost."""

import time

import pytest
from redis.exceptions import RedisError

from toolkit import tally
from toolkit.valkey.connections import client

NUMBERS = [f"400000{number:010}" for number in range(10_000)]


def counted() -> dict[str, int]:
    tally.flush()
    now = tally.bucket_at(time.time())
    return dict(tally.read(now) + tally.read(now - 1))


def test_counts_add_up():
    for _ in range(3):
        tally.add("request 12")
        tally.add("missed k12 400000", 70)
        tally.flush()
    assert counted() == {"request 12": 3, "missed k12 400000": 210}


@pytest.mark.parametrize("many", [7, 1_000, 1_001, 10_000])
def test_numbers_count_by_prefix_and_each_tenth_of_many_stands_for_ten(many):
    tally.add_prefixes("asked", "k1", NUMBERS[:many])
    assert counted()["asked k1 400000"] == pytest.approx(many, rel=0.01)


def test_no_more_than_the_prefix_of_a_number_is_kept():
    tally.add_prefixes("asked", "k1", NUMBERS)
    assert list(counted()) == ["asked k1 400000"]


def test_what_is_counted_goes_some_hours_later():
    tally.add("request 1")
    counted()
    (name,) = client().scan_iter("cardgen:tally:*")
    assert 0 < client().ttl(name) <= 3 * 3_600


def test_a_full_bucket_takes_no_more(monkeypatch):
    monkeypatch.setattr(tally, "_MOST_NAMES", 1)
    for number in range(4):
        tally.add(f"request {number}")
        tally.flush()
    assert len(counted()) == 2


def test_a_cache_server_that_is_away_costs_counts_and_nothing_else(monkeypatch):
    def away() -> None:
        raise RedisError

    with monkeypatch.context() as patch:
        patch.setattr(tally, "client", away)
        tally.add("request 1")
        tally.flush()
    assert counted() == {}
