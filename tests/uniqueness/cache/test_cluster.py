"""A real Redis Cluster: all slots at once, slots that move, nodes that die or hang."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache as django_cache
from pytest_django import Settings
from redis.crc import key_slot
from redis.exceptions import RedisError

from cardgen.configuration import cache as cache_settings
from cardgen.http import parts
from tests.support import valkeys
from tests.support.valkeys import Valkey
from tests.uniqueness.cache.conftest import TIMEOUT, MakeCache, cluster_url, some_answers, some_pans
from toolkit.valkey.cluster import ClusterConnectionFactory
from toolkit.valkey.connections import client
from uniqueness.cache.answers import TAGS, AnswerCache
from uniqueness.cache.generation import KEY

PANS, ANSWERS = some_pans(2_000), some_answers(2_000)


class Watch:
    """What a thread saw that recalled all the time."""

    def __init__(self, cache: AnswerCache) -> None:
        self._cache = cache
        self.found: list[int] = []
        self.slowest = 0.0
        self.wrong = 0

    def look(self) -> None:
        started = time.perf_counter()
        found = self._cache.recall(PANS)
        self.slowest = max(self.slowest, time.perf_counter() - started)
        self.wrong += not found.items() <= ANSWERS.items()
        self.found.append(len(found))


@contextmanager
def watched(cache: AnswerCache) -> Iterator[Watch]:
    """Recall in a thread during a block, and see that the thread did not fail."""
    watch, over, errors = Watch(cache), threading.Event(), []

    def look() -> None:
        try:
            while not over.is_set():
                watch.look()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            errors.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        valkeys.wait_for(lambda: len(watch.found) > 3)
        yield watch
    finally:
        over.set()
        thread.join(20)
    assert errors == []


def filled_by(cache: AnswerCache) -> AnswerCache:
    """Have the cache in the cluster know all of `PANS`."""
    cache.remember(PANS, ANSWERS)
    assert cache.recall(PANS) == ANSWERS
    return cache


@pytest.fixture
def filled(nodes: list[Valkey], new_cache: MakeCache) -> AnswerCache:
    """A cache in the cluster that knows all of `PANS`, and asks the nodes for each."""
    return filled_by(new_cache(local=0))


def answers_on(node: Valkey) -> int:
    """How many answers lie there; counts of this process come to the same servers."""
    return len(node.ask("KEYS", "cardgen:card:*"))


def test_many_keys_of_all_slots_at_once(nodes: list[Valkey]):
    values = {f"key {number}": number for number in range(500)}
    django_cache.set_many(values, 60)
    assert django_cache.get_many([*values, "unknown"]) == values
    assert all(int(node.ask("DBSIZE")) > 100 for node in nodes)
    django_cache.delete_many(values)
    assert django_cache.get_many(values) == {}


def test_django_s_cache_works_on_a_cluster(nodes: list[Valkey]):
    assert django_cache.add("a", {"x": [1]}, 60)
    assert not django_cache.add("a", 2, 60)
    django_cache.set("n", 1, 60)
    assert django_cache.incr("n", 4) == 5
    assert django_cache.get("a") == {"x": [1]}
    assert django_cache.touch("a", 30)
    assert django_cache.delete("a")
    django_cache.clear()
    assert django_cache.get("n") is None
    assert parts._answer("cache", parts._cache)["cache"] == "up"


def test_a_transaction_works_within_one_slot(nodes: list[Valkey]):
    pipeline = client().pipeline(transaction=True)
    pipeline.set("a:{7}", b"\x01")
    pipeline.set("b:{7}", b"\x02")
    # redis-py blocks `pipeline.bitop` on a cluster, the command itself works.
    pipeline.execute_command("BITOP", "OR", "c:{7}", "a:{7}", "b:{7}")
    pipeline.delete("a:{7}")
    pipeline.execute()
    assert client().mget(["a:{7}", "b:{7}", "c:{7}", "other"]) == [None, b"\x02", b"\x03", None]


def test_answers_lie_on_all_nodes(filled: AnswerCache, nodes: list[Valkey]):
    counts = [answers_on(node) for node in nodes]
    assert all(count > 300 for count in counts)
    assert sum(counts) == 2_000


def test_answers_stay_right_while_slots_move(filled: AnswerCache, nodes: list[Valkey]):
    with watched(filled) as watch:
        for tag in range(0, TAGS, 8):
            slot = key_slot(b"%d" % tag)
            source = valkeys.owner_of(slot, nodes)
            target = next(node for node in nodes if node is not source)
            valkeys.move_slot(slot, source=source, target=target, nodes=nodes)
    assert watch.wrong == 0
    # At most one slot is on its way: the rest is never missed.
    assert min(watch.found) > 2_000 * (1 - 3 / TAGS)
    assert watch.slowest < 2
    assert filled.recall(PANS) == ANSWERS
    assert filled.counters.figures()["errors"] == 0


def test_a_killed_node_takes_only_its_own_answers_along(
    mortal_nodes: list[Valkey], new_cache: MakeCache
):
    cache = filled_by(new_cache(local=0))
    # Without the generation's node no answer is of today.
    needed = valkeys.owner_of(key_slot(KEY), mortal_nodes)
    victim = next(node for node in mortal_nodes if node is not needed)
    lost = answers_on(victim)
    with watched(cache) as watch:
        victim.kill()
        time.sleep(3)
    assert watch.wrong == 0
    assert watch.slowest < 2
    assert watch.found[-1] == 2_000 - lost
    assert cache.remember(PANS, ANSWERS) == 2_000 - lost
    found = cache.recall(PANS)
    assert len(found) == 2_000 - lost
    assert found.items() <= ANSWERS.items()


def test_a_hanging_node_is_waited_for_once(filled: AnswerCache, nodes: list[Valkey]):
    with watched(filled) as watch:
        nodes[2].freeze()
        time.sleep(2)
        nodes[2].thaw()
        time.sleep(1)
    assert watch.wrong == 0
    assert watch.slowest < 2
    assert min(watch.found) > 800
    valkeys.wait_for(lambda: filled.recall(PANS) == ANSWERS)


def test_a_cluster_that_hangs_as_a_whole_is_waited_for_twice(
    nodes: list[Valkey], new_cache: MakeCache
):
    cache = filled_by(new_cache(local=0, pause=30))
    for node in nodes:
        node.freeze()
    # Each node for an answer, then each for the map of the cluster.
    for _ in range(2):
        assert 3 * TIMEOUT < seconds_to_miss(cache) < 3 * TIMEOUT + 0.5
    assert max(seconds_to_miss(cache) for _ in range(5)) < TIMEOUT


def test_the_last_node_is_not_waited_for_after_two_seconds(
    nodes: list[Valkey], new_cache: MakeCache, settings: Settings
):
    # In another order, for the process has one client for each address.
    settings.CACHES = cache_settings.caches(cluster_url(nodes[::-1]), timeout=1.1)
    cache = filled_by(new_cache(local=0, pause=30))
    for node in nodes:
        node.freeze()
    assert cache.recall(PANS) == {}
    assert cache.counters.figures()["errors"] == 2


def seconds_to_miss(cache: AnswerCache) -> float:
    started = time.perf_counter()
    assert cache.recall(PANS) == {}
    return time.perf_counter() - started


def raises(action: Callable[[], object]) -> bool:
    try:
        action()
    except (RedisError, OSError):
        return True
    return False


def test_a_dead_cluster_fails_as_a_dead_server_does(
    mortal_nodes: list[Valkey], new_cache: MakeCache, settings: Settings
):
    cache = filled_by(new_cache(local=0))
    for node in mortal_nodes:
        node.kill()
    assert raises(lambda: django_cache.get("a"))
    assert raises(lambda: django_cache.get_many(["a", "b"]))
    assert raises(lambda: django_cache.set_many({"a": 1, "b": 2}))
    assert parts._answer("cache", parts._cache)["cache"] == "down"
    ClusterConnectionFactory._clusters.clear()  # as in a new process
    settings.CACHES = dict(settings.CACHES)
    assert raises(client)
    assert parts._answer("cache", parts._cache)["cache"] == "down"
    assert cache.recall(PANS) == {}
