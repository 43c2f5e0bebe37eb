"""Asking sealed filters: only a filter that is what was sealed may say no."""

import numpy as np
import pytest

from tests.uniqueness.bloom.cards import issue, pans_of, same_window, window_of
from toolkit.valkey.connections import client as cache_client
from uniqueness.bloom import certainly_absent, counters, filters, store
from uniqueness.bloom.filters import Shelf
from uniqueness.bloom.sealing import seal
from uniqueness.bloom.store import Event
from uniqueness.models import WindowFilter


@pytest.fixture
def window(big_range, monkeypatch) -> int:
    """A sealed window with the cards of its slots 0 to 99."""
    monkeypatch.setattr(filters, "LOAD_AFTER", 1)
    issue(big_range, count=100)
    seal(window_of(big_range))
    return window_of(big_range)


def ask(big_range, window: int) -> np.ndarray:
    """Ask for 100 numbers that were issued and 100 that were not."""
    pans = pans_of(big_range, count=200)
    return certainly_absent(windows=same_window(window, pans), pans=pans)


def counted(name: Event) -> int:
    return counters.figures()[name]


def key(window: int, *, version: int = 1) -> str:
    return store._key(window, f"v{version}")


def test_a_sealed_filter_rules_out_what_is_not_there_and_nothing_else(big_range, window):
    absent = ask(big_range, window)
    assert not absent[:100].any()
    assert absent[100:].sum() >= 98


def test_hits_and_misses_are_counted(big_range, window):
    hits, misses = counted("hits"), counted("misses")
    absent = ask(big_range, window)
    assert counted("hits") - hits == absent.sum()
    assert counted("misses") - misses == 200 - absent.sum()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda client, name: client.delete(name),
        lambda client, name: client.flushdb(),
        lambda client, name: client.set(name, b""),
        lambda client, name: client.set(name, client.get(name)[:-1]),
        lambda client, name: client.append(name, b"\0"),
        lambda client, name: client.setbit(name, 12_345, 1 - client.getbit(name, 12_345)),
        lambda client, name: client.set(name, bytes(2**21)),
    ],
    ids=["gone", "wiped", "empty", "cut", "longer", "bit flipped", "lying"],
)
def test_a_filter_that_is_not_what_was_sealed_says_nothing(big_range, window, spoil):
    before = counted("damaged") + counted("absent")
    spoil(cache_client(), key(window))
    assert not ask(big_range, window).any()
    assert counted("damaged") + counted("absent") == before + 1


def test_a_filter_of_an_older_version_under_the_new_name_says_nothing(big_range, window):
    old = cache_client().get(key(window))
    issue(big_range, first=100, count=50)
    seal(window)
    cache_client().set(key(window, version=2), old)
    assert not ask(big_range, window).any()


def test_a_window_that_is_not_sealed_any_more_says_nothing(big_range, window):
    ask(big_range, window)
    issue(big_range, first=150, count=1)
    assert not ask(big_range, window).any()


def test_a_window_that_was_never_sealed_says_nothing(big_range, window):
    other = window_of(big_range, 1)
    issue(big_range, first=10**6, count=5)
    assert not ask(big_range, other).any()


def test_numbers_in_no_range_are_left_to_the_ledger(big_range, window):
    assert not ask(big_range, -1).any()


def test_no_numbers_get_no_answers(db):
    none = np.zeros(0, dtype=np.int64)
    assert certainly_absent(windows=none, pans=np.zeros(0, dtype="S16")).size == 0


def test_windows_asked_in_any_order_are_answered_in_that_order(big_range, window):
    issue(big_range, first=10**6, count=100)
    seal(window_of(big_range, 1))
    pans = np.concatenate([pans_of(big_range, first=first, count=200) for first in (10**6, 0)])
    windows = np.repeat([window_of(big_range, 1), window], 200)
    shuffled = np.random.default_rng(1).permutation(400)
    absent = certainly_absent(windows=windows[shuffled], pans=pans[shuffled])
    issued = (shuffled % 200) < 100
    assert not absent[issued].any()
    assert absent[~issued].sum() >= 196


def test_a_filter_is_fetched_once(big_range, window):
    before = counted("loads")
    for _ in range(3):
        ask(big_range, window)
    assert counted("loads") == before + 1


def test_a_filter_is_fetched_only_for_enough_numbers(big_range, window, monkeypatch):
    monkeypatch.setattr(filters, "LOAD_AFTER", 500)
    assert not ask(big_range, window).any()
    assert not ask(big_range, window).any()
    assert ask(big_range, window).any()


def test_one_call_fetches_only_so_many(big_range, window, monkeypatch):
    monkeypatch.setattr(filters, "MOST_LOADS", 2)
    for number in range(1, 4):
        issue(big_range, first=number * 10**6, count=1)
        seal(window_of(big_range, number))
    before = counted("loads")
    windows = np.array([window_of(big_range, number) for number in range(4)])
    certainly_absent(windows=windows, pans=pans_of(big_range, first=500, count=4))
    assert counted("loads") == before + 2


def test_no_more_filters_are_kept_than_set(big_range, window, settings):
    settings.CARDGEN_BLOOM_FILTERS = 2
    for number in range(1, 4):
        issue(big_range, first=number * 10**6, count=1)
        seal(window_of(big_range, number))
        ask(big_range, window_of(big_range, number))
    assert [kept for kept, _ in filters.shelf._filters] == [
        window_of(big_range, number) for number in (2, 3)
    ]


def test_switched_off_nothing_is_asked(big_range, window, settings, django_assert_num_queries):
    settings.CARDGEN_BLOOM_FILTERS = 0
    with django_assert_num_queries(0):
        assert not ask(big_range, window).any()


def test_all_windows_cost_one_query(big_range, window, django_assert_num_queries):
    windows = window + np.arange(200)
    with django_assert_num_queries(1):
        certainly_absent(windows=windows, pans=pans_of(big_range, count=200))


def test_without_a_server_the_ledger_answers(big_range, window, own_server):
    own_server.kill()
    assert not ask(big_range, window).any()
    assert WindowFilter.objects.get().digest is not None


def test_what_was_fetched_before_answers_without_a_server(
    big_range, window, own_server, monkeypatch
):
    seal(window)
    ask(big_range, window)
    own_server.kill()
    assert ask(big_range, window).any()
    monkeypatch.setattr(filters, "shelf", Shelf())
    assert not ask(big_range, window).any()
