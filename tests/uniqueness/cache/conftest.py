"""Caches on servers of their own, and numbers to put into them."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.core.cache import cache as django_cache
from numpy.typing import NDArray
from pytest_django import Settings
from redis.exceptions import RedisError

from cardgen.configuration import cache
from tests.support import valkeys
from tests.support.valkeys import Valkey
from toolkit.valkey.connections import client
from uniqueness.cache import Issued
from uniqueness.cache.answers import AnswerCache

OWNERS = [UUID(int=number) for number in range(1, 6)]
TIMEOUT = 0.2
Use = Callable[[str], None]
MakeCache = Callable[..., AnswerCache]


def some_pans(count: int, *, first: int = 0) -> NDArray[np.bytes_]:
    """Different numbers of 16 digits."""
    return np.array([f"4000{number:012}" for number in range(first, first + count)], dtype="S19")


def some_answers(count: int, *, first: int = 0) -> dict[int, Issued]:
    """What was issued under `some_pans`."""
    return {
        place: Issued(10**12 + first + place, OWNERS[place % len(OWNERS)]) for place in range(count)
    }


@pytest.fixture
def use(settings: Settings) -> Iterator[Use]:
    """Have the whole project use the cache at a URL."""

    def use_url(url: str) -> None:
        settings.CACHES = cache.caches(url, timeout=TIMEOUT)

    yield use_url
    with contextlib.suppress(RedisError):  # a cluster that is no more
        connection_factory = django_cache.client.connection_factory  # type: ignore[attr-defined]
        connection_factory.disconnect(client())


@pytest.fixture
def new_cache() -> MakeCache:
    """Make caches as processes have them: each with its own memory, on one server."""
    client().flushdb()

    def make(**changes: float) -> AnswerCache:
        # So many places that no number takes another one's.
        usual = {"local": 1_000, "shared": 10**12, "seconds": 600, "pause": 0.3}
        return AnswerCache(connect=client, **(usual | changes))

    return make


@pytest.fixture(scope="module")
def running_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Valkey]]:
    """A Redis Cluster of three nodes, for tests that leave it whole."""
    with valkeys.cluster(tmp_path_factory.mktemp("cluster")) as nodes:
        yield nodes


@pytest.fixture
def nodes(running_nodes: list[Valkey], use: Use) -> Iterator[list[Valkey]]:
    """Use the cluster; tests may freeze its nodes."""
    use(cluster_url(running_nodes))
    yield running_nodes
    for node in running_nodes:
        node.thaw()
    valkeys.wait_for(lambda: valkeys.are_whole(running_nodes))


@pytest.fixture
def mortal_nodes(tmp_path: Path, use: Use) -> Iterator[list[Valkey]]:
    """Use a cluster of the test's own, whose nodes may be killed."""
    with valkeys.cluster(tmp_path) as nodes:
        use(cluster_url(nodes))
        yield nodes


def cluster_url(nodes: list[Valkey]) -> str:
    """Name all nodes as CACHE_URL does."""
    return "redis+cluster://" + ",".join(node.address for node in nodes)


@pytest.fixture
def lone(tmp_path: Path, use: Use) -> Iterator[Valkey]:
    """Use one server, which a test may freeze or kill."""
    with valkeys.server(tmp_path) as server:
        use(f"redis://{server.address}/1")
        yield server
