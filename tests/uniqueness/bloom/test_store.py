"""Sealed filters on a real Valkey."""

import time

import pytest

from cardgen.configuration import cache
from tests.uniqueness.bloom.cards import numbers
from tests.uniqueness.cache import nonsense
from toolkit.valkey.breaker import Breakers
from toolkit.valkey.connections import client as cache_client
from uniqueness.bloom import counters, sbbf, store

WINDOW = 7_000_001
BLOOM = sbbf.build(numbers(100))


def put(window: int = WINDOW, *, version: int = 1, bloom: sbbf.Filter = BLOOM) -> bool:
    return store.put(window=window, version=version, bloom=bloom)


def keys() -> list[bytes]:
    return sorted(cache_client().scan_iter("cardgen:bloom:*"))


def seconds_for_puts(count: int) -> float:
    started = time.monotonic()
    for _ in range(count):
        assert not put()
    return time.monotonic() - started


def test_every_key_expires():
    put()
    (key,) = keys()
    assert 0 < cache_client().ttl(key) <= store._SEALED_FOR


def test_a_sealed_version_takes_the_place_of_the_one_before():
    for version in (1, 2):
        assert put(version=version, bloom=sbbf.build(numbers(version)))
    assert store.stored() == [(WINDOW, "v2")]
    text = sbbf.build(numbers(2)).tobytes()
    assert store.get(window=WINDOW, version=2, wanted=sbbf.digest(text)) == text
    assert store.get(window=WINDOW, version=1, wanted=sbbf.digest(text)) is None


def test_half_of_the_servers_memory_is_room_for_filters(own_server):
    cache_client().config_set("maxmemory", 64 * sbbf.FILTER_BYTES)
    assert store.has_room(WINDOW)
    for window in range(32):
        put(WINDOW + window)
    assert store.has_room(WINDOW) is False


@pytest.mark.parametrize("answer", ["+OK", ":7", "$-1", "*0", "$3\r\nabc"])
def test_a_server_that_answers_nonsense_raises_nothing(settings, answer):
    with nonsense.server(answer) as address:
        settings.CACHES = cache.caches(f"redis://{address}/0", timeout=0.5)
        put()
        assert store.get(window=WINDOW, version=1, wanted=b"") is None
        store.has_room(WINDOW)
        store.stored()


def test_a_dead_server_costs_next_to_nothing_and_raises_nothing(own_server, caplog):
    put()
    own_server.kill()
    assert seconds_for_puts(20) < 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cardgen:bloom" not in caplog.text


def test_a_hung_server_is_waited_for_a_moment_and_then_not_at_all(own_server):
    put()
    own_server.freeze()
    assert seconds_for_puts(20) < 3
    assert store.stored() is None
    assert store.get(window=WINDOW, version=1, wanted=b"") is None
    assert store.has_room(WINDOW) is None


def test_a_server_that_comes_back_is_used_again(own_server, monkeypatch):
    monkeypatch.setattr(store, "breakers", Breakers(counters=counters, pause=0.2))
    own_server.freeze()
    assert not put()
    own_server.thaw()
    time.sleep(0.3)
    assert put()
    assert store.stored() == [(WINDOW, "v1")]


def test_on_a_cluster_all_keys_of_a_window_live_together(own_cluster):
    for window in range(WINDOW, WINDOW + 6):
        for version in (1, 2):
            assert put(window, version=version)
    assert sorted(store.stored()) == [(window, "v2") for window in range(WINDOW, WINDOW + 6)]
    assert sum(int(node.ask("DBSIZE") > 0) for node in own_cluster) > 1
    store.drop(window=WINDOW, name="v2")
    assert len(store.stored()) == 5


def test_a_cluster_without_nodes_raises_nothing(own_cluster):
    put()
    for node in own_cluster:
        node.kill()
    assert seconds_for_puts(20) < 3
    assert store.stored() is None
