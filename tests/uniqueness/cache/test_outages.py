"""One server that hangs, dies, comes back or refuses: answers stay right, and soon come."""

import logging
import time
from pathlib import Path

import pytest
from redis import Redis

from tests.support import valkeys
from tests.support.ports import free_port
from tests.support.threads import at_once
from tests.support.valkeys import Valkey
from tests.uniqueness.cache import nonsense
from tests.uniqueness.cache.conftest import TIMEOUT, MakeCache, Use, some_answers, some_pans
from toolkit.valkey.breaker import Breaker
from toolkit.valkey.connections import client
from uniqueness.cache import SharedValues, generation
from uniqueness.cache.answers import AnswerCache

PANS, ANSWERS = some_pans(200), some_answers(200)


def timed_recall(cache: AnswerCache) -> tuple[int, float]:
    started = time.perf_counter()
    found = cache.recall(PANS)
    assert found.items() <= ANSWERS.items()
    return len(found), time.perf_counter() - started


def test_a_hanging_server_is_waited_for_once_and_then_left_alone(
    lone: Valkey, new_cache: MakeCache
):
    cache = new_cache(local=0, pause=30)
    cache.remember(PANS, ANSWERS)
    lone.freeze()
    found, seconds = timed_recall(cache)
    assert found == 0
    assert TIMEOUT <= seconds < TIMEOUT + 0.5
    for _ in range(10):
        assert timed_recall(cache)[0] == 0
    assert cache.counters.figures()["errors"] == 1  # it was not asked again


def test_a_server_that_comes_to_itself_is_used_again(lone: Valkey, new_cache: MakeCache):
    cache = new_cache(local=0)
    cache.remember(PANS, ANSWERS)
    lone.freeze()
    assert timed_recall(cache)[0] == 0
    lone.thaw()
    time.sleep(0.35)  # the breaker's pause
    assert timed_recall(cache)[0] == 200


def test_a_restarted_server_is_used_again_and_filled(
    tmp_path: Path, use: Use, new_cache: MakeCache
):
    port = free_port()
    use(f"redis://127.0.0.1:{port}/1")
    with valkeys.server(tmp_path, port=port):
        cache = new_cache(local=0)
        cache.remember(PANS, ANSWERS)
    assert timed_recall(cache)[0] == 0
    cache.remember(PANS, ANSWERS)
    with valkeys.server(tmp_path, port=port):
        time.sleep(0.35)
        assert timed_recall(cache)[0] == 0
        cache.remember(PANS, ANSWERS)
        assert timed_recall(cache)[0] == 200


def test_what_was_remembered_before_there_was_a_server_is_forgotten_when_there_is_one(
    tmp_path: Path, use: Use, new_cache: MakeCache, monkeypatch: pytest.MonkeyPatch
):
    """A restore may have made all of it a miss, which this process could not be told."""
    monkeypatch.setattr(generation, "_SECONDS", 0.0)
    port = free_port()
    use(f"redis://127.0.0.1:{port}/1")
    cache = new_cache()
    cache.remember(PANS, ANSWERS)
    assert timed_recall(cache)[0] == 200
    with valkeys.server(tmp_path, port=port):
        time.sleep(0.35)
        assert timed_recall(cache)[0] == 0


def test_after_the_pause_one_caller_tries_and_nobody_else():
    breaker = Breaker("a server", pause=0.3)
    breaker.failed(OSError())
    assert not breaker.allows()
    time.sleep(0.35)
    assert at_once(8, lambda _: breaker.allows()).count(True) == 1
    breaker.succeeded()
    assert at_once(8, lambda _: breaker.allows()) == [True] * 8


def test_without_a_server_the_process_still_remembers(use: Use, tmp_path: Path):
    use(f"unix://{tmp_path}/nobody.sock?db=1")
    cache = AnswerCache(connect=client, local=1_000, shared=1_000, seconds=60)
    cache.remember(PANS, ANSWERS)
    assert timed_recall(cache)[0] == 200
    assert not cache.forget_all()
    assert timed_recall(cache)[0] == 0


def test_a_full_server_is_only_a_miss(lone: Valkey, new_cache: MakeCache):
    cache = new_cache(local=0)
    cache.remember(PANS[:1], some_answers(1))
    lone.ask("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "noeviction")
    cache.remember(PANS, ANSWERS)
    assert cache.counters.figures()["errors"] == 1
    time.sleep(0.35)
    assert timed_recall(cache)[0] == 1


def test_a_server_without_scripts_is_only_a_miss(lone: Valkey, new_cache: MakeCache):
    with Redis(port=lone.port) as server:
        server.acl_setuser(
            "default", enabled=True, nopass=True, keys="*", commands=["+@all", "-eval"]
        )
    cache = new_cache(local=0)
    cache.remember(PANS, ANSWERS)
    assert timed_recall(cache)[0] == 0


def test_failures_are_logged_once_and_without_keys(
    lone: Valkey, new_cache: MakeCache, caplog: pytest.LogCaptureFixture
):
    cache = new_cache(pause=0.01)
    cache.remember(PANS, ANSWERS)
    lone.kill()
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            cache.remember(PANS, ANSWERS)
            time.sleep(0.02)
    assert caplog.messages == ["cache server is left alone for 0.01 s: ConnectionError"]
    assert cache.counters.figures()["errors"] > 1


@pytest.mark.parametrize("answer", ["+OK", ":7", "*1\r\n:7", "*0", "$3\r\nabc", "$-1"])
def test_a_server_that_answers_nonsense_is_only_a_miss(use: Use, answer: str):
    with nonsense.server(answer) as address:
        use(f"redis://{address}/0")
        cache = AnswerCache(connect=client, local=0, shared=1_000, seconds=60)
        cache.remember(PANS, ANSWERS)
        assert timed_recall(cache)[0] == 0
        values = SharedValues(connect=client, lock_seconds=0.5)
        assert values.cached("key", seconds=5, compute=lambda: [1]) == [1]


@pytest.mark.parametrize("answer", [":7", "*1\r\n:7", "*0"])
def test_values_that_are_no_text_are_misses(use: Use, answer: str):
    with nonsense.server(answer, generation="0123456789abcdef") as address:
        use(f"redis://{address}/0")
        cache = AnswerCache(connect=client, local=0, shared=1_000, seconds=60)
        assert timed_recall(cache)[0] == 0
