"""The hit rate on a recorded load: the same numbers in the same order at every run."""

from collections.abc import Callable

import numpy as np

from tests.uniqueness.cache.conftest import MakeCache, some_answers, some_pans
from uniqueness.cache.answers import AnswerCache

CARDS, EXPONENT, REQUEST = 50_000, 1.1, 500
WARM_UP, MEASURED = 250_000, 200_000
PANS, ANSWERS = some_pans(CARDS), some_answers(CARDS)


def zipf_requests() -> list[np.ndarray]:
    """Look-ups as users make them: a few cards again and again, many cards once in a while."""
    weights = 1 / np.arange(1, CARDS + 1) ** EXPONENT
    draws = np.random.default_rng(2024).choice(
        CARDS, size=WARM_UP + MEASURED, p=weights / weights.sum()
    )
    return np.split(draws, len(draws) // REQUEST)


def look_up(cache: AnswerCache, cards: np.ndarray) -> int:
    """Look numbers up as `check` does, the ledger behind the cache; returns the hits."""
    found = cache.recall(PANS[cards])
    assert all(ANSWERS[int(cards[place])] == answer for place, answer in found.items())
    left = [place for place in range(len(cards)) if place not in found]
    cache.remember(PANS[cards], {place: ANSWERS[int(cards[place])] for place in left})
    return len(found)


def test_more_than_95_of_100_look_ups_are_hits(
    new_cache: MakeCache, record_property: Callable[[str, object], None]
):
    # Two processes by turns, with the usual number of places and memory for a tenth of the cards.
    processes = [new_cache(local=5_000, shared=500_000) for _ in range(2)]
    hits = [look_up(processes[number % 2], cards) for number, cards in enumerate(zipf_requests())]
    rate = sum(hits[WARM_UP // REQUEST :]) / MEASURED
    cold = sum(hits[: WARM_UP // REQUEST]) / WARM_UP
    record_property("hit rate", f"{rate:.4f}, while warming up {cold:.4f}")
    assert rate > 0.95
    assert all(process.counters.figures()["server_hits"] > 1_000 for process in processes)
