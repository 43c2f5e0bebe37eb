"""Live and sealed filters on a real Valkey."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from cardgen.configuration import cache
from tests.uniqueness.bloom.cards import numbers
from tests.uniqueness.cache import nonsense
from toolkit.valkey.breaker import Breakers
from toolkit.valkey.connections import client as cache_client
from uniqueness.bloom import counters, sbbf, store

WINDOW = 7_000_001


def live() -> np.ndarray:
    """The live filter as it stands on the server."""
    found = store.live(WINDOW)
    assert found is not None
    return found


def keys() -> list[bytes]:
    return sorted(cache_client().scan_iter("cardgen:bloom:*"))


@pytest.mark.parametrize("count", [1, store.FEW, store.FEW + 1, 5_000])
def test_few_cards_and_many_make_the_same_live_filter(count):
    pans = numbers(count)
    store.merge(window=WINDOW, pans=pans)
    assert (live() == sbbf.build(pans)).all()


def test_merges_add_up_and_leave_nothing_else_behind():
    pans = numbers(3_000)
    for part in (pans[:1_000], pans[1_000:1_020], pans[1_020:]):
        store.merge(window=WINDOW, pans=part)
    assert (live() == sbbf.build(pans)).all()
    assert keys() == [b"cardgen:bloom:{7000001}:live"]


def test_merges_from_many_threads_lose_no_bit():
    pans = numbers(8_000)
    with ThreadPoolExecutor(8) as pool:
        parts = np.split(pans, 16)
        list(pool.map(lambda part: store.merge(window=WINDOW, pans=part), parts))
    assert (live() == sbbf.build(pans)).all()


def test_every_key_expires():
    store.merge(window=WINDOW, pans=numbers(100))
    store.merge(window=WINDOW + 1, pans=numbers(3))
    store.put(window=WINDOW + 2, version=1, bloom=sbbf.empty())
    lives = [cache_client().ttl(key) for key in keys()]
    assert len(lives) == 3
    assert all(0 < seconds <= store._SEALED_FOR for seconds in lives)


def test_a_sealed_version_takes_the_place_of_the_one_before_and_of_the_live_filter():
    store.merge(window=WINDOW, pans=numbers(100))
    for version in (1, 2):
        assert store.put(window=WINDOW, version=version, bloom=sbbf.build(numbers(version)))
    assert store.stored() == [(WINDOW, "v2")]
    text = sbbf.build(numbers(2)).tobytes()
    assert store.get(window=WINDOW, version=2, wanted=sbbf.digest(text)) == text
    assert store.get(window=WINDOW, version=1, wanted=sbbf.digest(text)) is None


def test_a_full_server_is_spared(own_server):
    cache_client().config_set("maxmemory", 2 * sbbf.FILTER_BYTES)
    before = counters.figures()["skipped"]
    store.merge(window=WINDOW, pans=numbers(100))
    assert keys() == []
    assert counters.figures()["skipped"] == before + 1


def test_a_full_server_is_asked_once_a_second(own_server, monkeypatch):
    cache_client().config_set("maxmemory", 2 * sbbf.FILTER_BYTES)
    now, asked, room = [1_000.0], [], store._room

    def counted(*of: object) -> int:
        asked.append(of)
        return room(*of)

    monkeypatch.setattr(store, "_room", counted)
    monkeypatch.setattr(store, "time", SimpleNamespace(monotonic=lambda: now[0]))
    for _ in range(5):
        store.merge(window=WINDOW, pans=numbers(10))
    assert (len(asked), keys()) == (1, [])
    cache_client().config_set("maxmemory", 64 * sbbf.FILTER_BYTES)
    now[0] += 1
    store.merge(window=WINDOW, pans=numbers(10))
    assert (len(asked), len(keys())) == (2, 1)


def test_filters_of_many_windows_stop_where_half_of_the_memory_is_used(own_server):
    cache_client().config_set("maxmemory", 64 * sbbf.FILTER_BYTES)
    for window in range(60):
        store.merge(window=WINDOW + window, pans=numbers(10))
    memory = cache_client().info("memory")
    assert memory["used_memory"] <= memory["maxmemory"] / 2
    assert len(keys()) > 20


@pytest.mark.parametrize("answer", ["+OK", ":7", "$-1", "*0", "$3\r\nabc"])
def test_a_server_that_answers_nonsense_raises_nothing(settings, answer):
    with nonsense.server(answer) as address:
        settings.CACHES = cache.caches(f"redis://{address}/0", timeout=0.5)
        store.merge(window=WINDOW, pans=numbers(3))
        store.put(window=WINDOW, version=1, bloom=sbbf.empty())
        assert store.get(window=WINDOW, version=1, wanted=b"") is None
        store.live(WINDOW)
        store.stored()


def test_a_dead_server_costs_next_to_nothing_and_raises_nothing(own_server, caplog):
    store.merge(window=WINDOW, pans=numbers(100))
    own_server.kill()
    assert seconds_for_merges(20) < 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cardgen:bloom" not in caplog.text


def test_a_hung_server_holds_a_minter_for_a_moment_and_then_not_at_all(own_server):
    store.merge(window=WINDOW, pans=numbers(100))
    own_server.freeze()
    assert seconds_for_merges(20) < 3
    assert store.stored() is None
    assert not store.put(window=WINDOW, version=1, bloom=sbbf.empty())
    assert store.get(window=WINDOW, version=1, wanted=b"") is None
    assert store.live(WINDOW) is None


def test_a_server_that_comes_back_is_used_again(own_server, monkeypatch):
    monkeypatch.setattr(store, "breakers", Breakers(counters=counters, pause=0.2))
    own_server.freeze()
    store.merge(window=WINDOW, pans=numbers(100))
    own_server.thaw()
    time.sleep(0.3)
    store.merge(window=WINDOW, pans=numbers(100))
    assert (live() == sbbf.build(numbers(100))).all()


def test_on_a_cluster_all_keys_of_a_window_live_together(own_cluster):
    pans = numbers(500)
    for window in range(WINDOW, WINDOW + 6):
        store.merge(window=window, pans=pans[:490])
        store.merge(window=window, pans=pans[490:])
        assert (store.live(window) == sbbf.build(pans)).all()
        assert store.put(window=window, version=1, bloom=sbbf.build(pans))
    assert sorted(store.stored()) == [(window, "v1") for window in range(WINDOW, WINDOW + 6)]
    assert sum(int(node.ask("DBSIZE") > 0) for node in own_cluster) > 1
    store.drop(window=WINDOW, name="v1")
    assert len(store.stored()) == 5


def test_a_cluster_without_nodes_raises_nothing(own_cluster):
    store.merge(window=WINDOW, pans=numbers(100))
    for node in own_cluster:
        node.kill()
    assert seconds_for_merges(20) < 3
    assert store.stored() is None


def seconds_for_merges(count: int) -> float:
    started = time.monotonic()
    for _ in range(count):
        store.merge(window=WINDOW, pans=numbers(100))
    return time.monotonic() - started
