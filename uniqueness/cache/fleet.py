"""Sending many commands to the server, or to the nodes of a cluster, without ever failing.

Each node has its own circuit breaker: one that is gone costs its own answers, nobody else's.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import MovedError

from toolkit.counters import Counters
from toolkit.valkey.breaker import FAILURES, PAUSE, Breakers
from toolkit.valkey.cluster import CacheCluster
from toolkit.valkey.connections import Client
from toolkit.valkey.nodes import MOVING, CacheNode, server_of
from uniqueness.cache.events import Event

_BUDGET = 2.0  # seconds in which further nodes are tried


class CacheCommand(NamedTuple):
    """A command whose keys all have the hash tag `tag`."""

    tag: bytes
    words: tuple[Any, ...]


class _Share(NamedTuple):
    """What one node has to answer: the places of its commands."""

    server: CacheNode
    places: list[int]


class Fleet:
    """The servers behind a client.

    :param connect: gives the client; may fail with `FAILURES`
    """

    def __init__(
        self, *, connect: Callable[[], Client], counters: Counters[Event], pause: float = PAUSE
    ) -> None:
        self._connect = connect
        self._breakers = Breakers(counters=counters, pause=pause)
        self._map_is_stale = False

    def send(self, commands: Sequence[CacheCommand]) -> list[Any]:
        """Return each command's reply, None where none came. Never raises.

        MOVED is followed; a slot on its way to another node has no answers until it has arrived.

        While servers hang this takes some of their timeouts, once in a pause of the breakers.
        """
        replies: list[Any] = [None] * len(commands)
        client = self._breakers.guarded("cache", self._connect)
        if client is None or not commands:
            return replies
        until = time.monotonic() + _BUDGET
        for share in self._shares(client, commands):
            if time.monotonic() < until:
                self._ask(share, commands, replies)
        if isinstance(client, CacheCluster):
            self._follow(client, commands, replies)
        return [None if isinstance(reply, Exception) else reply for reply in replies]

    def _shares(self, client: Client, commands: Sequence[CacheCommand]) -> list[_Share]:
        if self._map_is_stale and isinstance(client, CacheCluster):
            self._breakers.guarded("map of the cache cluster", lambda: self._read_map(client))
        shares: dict[str, _Share] = {}
        for place, command in enumerate(commands):
            if server := server_of(client, command.tag):
                share = shares.setdefault(server.name, _Share(server, []))
                share.places.append(place)
        return list(shares.values())

    def _ask(self, share: _Share, commands: Sequence[CacheCommand], replies: list[Any]) -> None:
        def pipelined() -> list[Any]:
            try:
                return _pipelined(
                    share.server.redis, [commands[place].words for place in share.places]
                )
            except FAILURES:
                self._map_is_stale = True
                raise

        answered = self._breakers.guarded(share.server.name, pipelined) or []
        for place, reply in zip(share.places, answered, strict=False):
            replies[place] = reply

    def _follow(
        self, cluster: CacheCluster, commands: Sequence[CacheCommand], replies: list[Any]
    ) -> None:
        moved = [place for place, reply in enumerate(replies) if isinstance(reply, MovedError)]

        def again() -> None:
            for place in moved:
                replies[place] = cluster.execute_command(*commands[place].words)

        if moved:
            self._breakers.guarded("moved slots of the cache cluster", again)

    def _read_map(self, cluster: CacheCluster) -> None:
        cluster.nodes_manager.initialize()
        self._map_is_stale = False


def _pipelined(node: Redis, commands: list[tuple[Any, ...]]) -> list[Any]:
    pipeline = node.pipeline(transaction=False)
    for words in commands:
        pipeline.execute_command(*words)  # type: ignore[no-untyped-call]
    replies = pipeline.execute(raise_on_error=False)
    for reply in replies:
        if isinstance(reply, Exception) and not isinstance(reply, MOVING):
            raise reply
    return replies
