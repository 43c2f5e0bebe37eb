"""Sentinel: the cache goes on with the new master when the old one dies."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache as django_cache

from tests.support import valkeys
from tests.support.valkeys import Valkey
from tests.uniqueness.cache.conftest import MakeCache, Use, some_answers, some_pans
from toolkit.valkey.connections import client

PANS, ANSWERS = some_pans(200), some_answers(200)


@pytest.fixture
def master(tmp_path: Path, use: Use) -> Iterator[Valkey]:
    """Use a master with a replica, watched by one Sentinel; another Sentinel is down."""
    with valkeys.server(tmp_path) as master:
        follow = ("--replicaof", f"127.0.0.1 {master.port}")
        with (
            valkeys.server(tmp_path, *follow) as replica,
            valkeys.sentinel(tmp_path, service="cards", master=master) as sentinel,
        ):
            valkeys.wait_for(lambda: master.says("replication", "connected_slaves", "1"))
            valkeys.wait_for(lambda: replica.says("replication", "master_link_status", "up"))
            valkeys.wait_for(lambda: sentinel.says("sentinel", "master0", "'slaves': 1"))
            use(f"redis+sentinel://127.0.0.1:1,{sentinel.address}/cards/1")
            yield master


def test_the_cache_follows_a_fail_over(master: Valkey, new_cache: MakeCache):
    cache = new_cache(local=0)
    cache.remember(PANS, ANSWERS)
    django_cache.set("kept", [1, 2], 60)
    assert client().wait(1, 5_000) == 1  # the replica has it
    assert cache.recall(PANS) == ANSWERS
    master.kill()
    slowest = 0.0
    until = time.monotonic() + 20
    while cache.recall(PANS) != ANSWERS:
        assert time.monotonic() < until
        started = time.monotonic()
        assert cache.recall(PANS).items() <= ANSWERS.items()
        slowest = max(slowest, time.monotonic() - started)
        time.sleep(0.05)
    assert slowest < 2
    assert django_cache.get("kept") == [1, 2]
