"""The rival issues no number twice either, and draws the more often the fuller its range is."""

from collections import Counter

import pytest
from django.conf import settings
from django.core.cache import cache
from redis import Redis
from stdnum import luhn

from bench.peers.bloom_filter import BloomFilter
from bench.peers.five_layers import FiveLayers

_FULL = 990


@pytest.fixture
def rival(db) -> FiveLayers:
    """A range of 1,000 numbers."""
    cache.clear()
    return FiveLayers(iin="67009900", pan_length=12, cache=Redis.from_url(settings.CACHE_URL))


def numbers(rival: FiveLayers, count: int) -> list[str]:
    return [rival.number(place) for place in range(count)]


def test_its_numbers_are_of_the_range_and_pass_the_check(rival):
    for number in rival.issue(10):
        assert number.startswith("67009900")
        assert len(number) == 12
        assert luhn.is_valid(number)


def test_it_issues_every_number_once_until_none_is_left(rival):
    rival.fill(numbers(rival, 900))
    issued = [number for _ in range(10) for number in rival.issue(10)]
    assert sorted(issued) == sorted(rival.number(place) for place in range(900, 1_000))


def test_the_fuller_its_range_the_more_often_it_draws(rival, monkeypatch):
    draws = Counter[bool]()
    drawn = rival.number
    monkeypatch.setattr(rival, "number", lambda place: draws.update([True]) or drawn(place))
    rival.fill([drawn(place) for place in range(_FULL)])
    rival.issue(5)
    assert draws[True] > 100


def test_the_indexes_refuse_what_the_layers_before_have_forgotten(rival):
    rival.fill(numbers(rival, _FULL))
    rival._memory.clear()
    rival._cache.flushdb()
    rival._filter = BloomFilter(1_000)
    assert set(rival.issue(10)) == {rival.number(place) for place in range(_FULL, 1_000)}


def test_its_filter_forgets_nothing_and_mistakes_little():
    filled = BloomFilter(10_000)
    filled.add(map(str, range(10_000)))
    assert all(str(n) in filled for n in range(10_000))
    assert sum(str(n) in filled for n in range(10_000, 30_000)) < 100
