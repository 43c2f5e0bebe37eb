"""Answers remembered on one server: right, bounded, proven, and never in anybody's way."""

import time

import numpy as np
import pytest

from tests.support.threads import at_once
from tests.uniqueness.cache.conftest import MakeCache, some_answers, some_pans
from toolkit.valkey.connections import client
from uniqueness.cache import Issued, generation
from uniqueness.cache import answers as process_cache
from uniqueness.cache.entries import BYTES

PANS, ANSWERS = some_pans(500), some_answers(500)


def test_what_was_remembered_is_recalled_from_the_process(new_cache: MakeCache):
    cache = new_cache()
    cache.remember(PANS, ANSWERS)
    assert cache.recall(PANS) == ANSWERS
    assert cache.counters.figures()["local_hits"] == 500


def test_another_process_recalls_it_from_the_server(new_cache: MakeCache):
    new_cache().remember(PANS, ANSWERS)
    other = new_cache()
    assert other.recall(PANS) == ANSWERS
    assert other.recall(PANS) == ANSWERS
    assert other.counters.figures() == {
        "local_hits": 500,
        "server_hits": 500,
        "misses": 0,
        "rejected": 0,
        "errors": 0,
    }


def test_answers_come_by_position_and_misses_are_left_out(new_cache: MakeCache):
    known = Issued(10**12, ANSWERS[0].owner)
    new_cache().remember(PANS, {3: known})
    cache = new_cache()
    assert cache.recall(PANS[[9, 3, 8, 3]]) == {1: known, 3: known}
    assert cache.counters.figures()["misses"] == 2


def test_nothing_asked_is_nothing_found(new_cache: MakeCache):
    cache = new_cache()
    cache.remember(PANS, {})
    assert cache.recall(PANS[:0]) == {}


def test_more_numbers_than_one_round_trip_carries_are_all_recalled(new_cache: MakeCache):
    pans, answers = some_pans(20_001), some_answers(20_001)
    new_cache().remember(pans, answers)
    assert new_cache().recall(pans) == answers


def test_neither_keys_nor_values_show_a_pan(new_cache: MakeCache):
    new_cache().remember(PANS, ANSWERS)
    keys = list(client().scan_iter("*"))
    told = b" ".join(map(bytes, (*keys, *client().mget(keys))))
    assert len(keys) == 501  # and the generation
    assert not [pan for pan in PANS.tolist() if pan in told or pan[4:] in told]


def test_every_entry_goes_by_itself_and_not_all_together(new_cache: MakeCache):
    new_cache(seconds=100).remember(PANS, ANSWERS)
    lives = [client().ttl(key) for key in client().scan_iter("cardgen:card:*")]
    assert 85 < min(lives) < max(lives) <= 100
    assert len(set(lives)) > 5


def test_the_process_keeps_no_more_than_it_may(new_cache: MakeCache):
    cache = new_cache(local=100)
    cache.remember(PANS, ANSWERS)
    cache.recall(PANS)
    assert len(cache._recent) == 100


def test_what_was_asked_for_lately_is_kept_longest(new_cache: MakeCache):
    cache = new_cache(local=2)
    for card in (0, 1):
        cache.remember(PANS[card : card + 1], {0: ANSWERS[card]})
    cache.recall(PANS[:1])
    cache.remember(PANS[2:3], {0: ANSWERS[2]})
    client().flushdb()
    assert sorted(cache.recall(PANS[:3])) == [0, 2]


def test_a_process_may_keep_nothing_at_all(new_cache: MakeCache):
    cache = new_cache(local=0)
    cache.remember(PANS, ANSWERS)
    assert cache.recall(PANS) == ANSWERS
    assert len(cache._recent) == 0


def test_the_server_keeps_no_more_than_it_may_and_the_latest_stays(new_cache: MakeCache):
    cache = new_cache(shared=1_000)
    for first in range(0, 5_000, 500):
        cache.remember(some_pans(500, first=first), some_answers(500, first=first))
    assert len(list(client().scan_iter("cardgen:card:*"))) <= 1_000
    found = new_cache(shared=1_000).recall(some_pans(500, first=4_500))
    assert len(found) > 350
    assert found.items() <= some_answers(500, first=4_500).items()


def spoil(change) -> None:
    for key in list(client().scan_iter("cardgen:card:*")):
        client().set(key, change(client().get(key)))


@pytest.mark.parametrize("byte", range(8, BYTES))
def test_an_altered_byte_is_a_miss(new_cache: MakeCache, byte):
    new_cache().remember(PANS[:3], some_answers(3))
    spoil(lambda value: value[:byte] + bytes([value[byte] ^ 1]) + value[byte + 1 :])
    cache = new_cache()
    assert cache.recall(PANS[:3]) == {}
    assert cache.counters.figures()["rejected"] == 3


@pytest.mark.parametrize("change", [lambda v: v[:-1], lambda v: v + b"x", lambda v: b""])
def test_a_value_of_another_length_is_a_miss(new_cache: MakeCache, change):
    new_cache().remember(PANS, ANSWERS)
    spoil(change)
    cache = new_cache()
    assert cache.recall(PANS) == {}
    assert cache.counters.figures()["rejected"] == 500


def test_swapped_values_are_misses(new_cache: MakeCache):
    new_cache().remember(PANS, ANSWERS)
    keys = sorted(client().scan_iter("cardgen:card:*"))
    for key, value in zip(keys, client().mget(keys[1:] + keys[:1]), strict=True):
        client().set(key, value)
    assert new_cache().recall(PANS) == {}


def test_values_of_another_master_key_are_misses(new_cache: MakeCache, settings):
    new_cache().remember(PANS, ANSWERS)
    settings.CARDGEN_MASTER_KEY = bytes(32)
    assert new_cache().recall(PANS) == {}


def test_a_key_that_holds_something_else_is_a_miss(new_cache: MakeCache):
    new_cache().remember(PANS, ANSWERS)
    for key in list(client().scan_iter("cardgen:card:*")):
        client().delete(key)
        client().hset(key, "field", "value")
    assert new_cache().recall(PANS) == {}


def test_a_wiped_server_is_filled_again(new_cache: MakeCache):
    cache = new_cache(local=0)
    cache.remember(PANS, ANSWERS)
    client().flushdb()
    assert cache.recall(PANS) == {}
    cache.remember(PANS, ANSWERS)
    assert cache.recall(PANS) == ANSWERS


def test_forgetting_makes_everything_a_miss_here_and_elsewhere(new_cache: MakeCache, monkeypatch):
    monkeypatch.setattr(generation, "_SECONDS", 0.0)
    here, elsewhere = new_cache(), new_cache()
    here.remember(PANS, ANSWERS)
    assert elsewhere.recall(PANS) == ANSWERS
    assert here.forget_all()
    assert here.recall(PANS) == {}
    assert elsewhere.recall(PANS) == {}
    elsewhere.remember(PANS, ANSWERS)
    assert new_cache().recall(PANS) == ANSWERS


@pytest.mark.parametrize(
    "spoil",
    [
        lambda server: server.set(generation.KEY, "not a number"),
        lambda server: server.set(generation.KEY, ""),
        lambda server: (server.delete(generation.KEY), server.hset(generation.KEY, "a", "b")),
    ],
    ids=["no number", "nothing", "a hash"],
)
def test_a_generation_that_makes_no_sense_is_made_anew(new_cache: MakeCache, spoil):
    new_cache().remember(PANS, ANSWERS)
    spoil(client())
    cache = new_cache(local=0)
    assert cache.recall(PANS) == {}
    assert cache.remember(PANS, ANSWERS) == len(PANS)
    assert new_cache().recall(PANS) == ANSWERS


def test_threads_may_share_a_cache(new_cache: MakeCache):
    cache = new_cache(local=300)

    def work(number: int) -> bool:
        part = np.arange(number * 50, number * 50 + 200)
        known = {place: ANSWERS[int(card)] for place, card in enumerate(part)}
        for _ in range(20):
            cache.remember(PANS[part], known)
            found = cache.recall(PANS[part])
            assert found == known
        return True

    assert at_once(6, work) == [True] * 6


def test_a_wrong_number_is_an_error_and_not_a_miss(new_cache: MakeCache):
    with pytest.raises(ValueError, match="digits"):
        new_cache().recall(np.array([b"4111-1111"]))


def test_the_process_has_one_cache_with_figures(settings):
    client().flushdb()
    pans, answers = some_pans(10, first=10**6), some_answers(10)
    before = process_cache.figures()["local_hits"]
    process_cache.remember(pans, answers)
    assert process_cache.recall(pans) == answers
    assert process_cache.figures()["local_hits"] == before + 10
    assert process_cache.forget_all()
    assert process_cache.recall(pans) == {}


def test_an_answer_from_the_process_does_not_wait_for_anybody(new_cache: MakeCache):
    pans, answers = some_pans(10_000), some_answers(10_000)
    cache = new_cache(local=10_000)
    cache.remember(pans, answers)
    started = time.perf_counter()
    assert len(cache.recall(pans)) == 10_000
    assert time.perf_counter() - started < 0.25  # measured: 4 ms on an idle core
