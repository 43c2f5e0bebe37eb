"""Redis Cluster for django-redis, whose own factory gives up at the first MOVED."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, ClusterPipeline, RedisCluster
from redis.exceptions import ConnectionError as ServerGone
from redis.exceptions import RedisClusterException
from redis.retry import Retry


@contextmanager
def _as_redis_error() -> Iterator[None]:
    """RedisClusterException is no RedisError, and would pass by everybody who catches those."""
    try:
        yield
    except RedisClusterException as error:
        raise ServerGone(f"the cluster cannot be asked ({type(error).__name__})") from error


class CachePipeline(ClusterPipeline):
    """A pipeline that fails with RedisError only."""

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 (redis-py's)
        """Send everything, each command to its node."""
        with _as_redis_error():
            return super().execute(raise_on_error)


class CacheCluster(RedisCluster):
    """RedisCluster as django-redis needs it: MGET across slots, errors that are RedisError."""

    def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """Send one command to its node, following redirections."""
        with _as_redis_error():
            return super().execute_command(*args, **kwargs)  # type: ignore[no-untyped-call]

    def mget(self, keys: Any, *args: Any) -> list[Any]:
        """Read keys of any slots, a command for each slot."""
        with _as_redis_error():
            return self.mget_nonatomic(keys, *args)

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> CachePipeline:
        """Collect commands; with `transaction` all keys must be of one slot."""
        return CachePipeline(
            nodes_manager=self.nodes_manager,
            commands_parser=self.commands_parser,
            startup_nodes=list(self.nodes_manager.startup_nodes.values()),
            result_callbacks=self.result_callbacks,
            cluster_response_callbacks=self.cluster_response_callbacks,
            reinitialize_steps=self.reinitialize_steps,
            retry=self.retry,
            lock=self._lock,
            transaction=transaction,
        )


class ClusterConnectionFactory:
    """What django-redis makes clients with: one per process and address ("host:port,host:port").

    :param options: those of CACHES; CONNECTION_POOL_KWARGS goes to every node's connections
    """

    _clusters: ClassVar[dict[tuple[int, str], CacheCluster]] = {}

    def __init__(self, options: dict[str, Any]) -> None:
        self._sockets: dict[str, Any] = options.get("CONNECTION_POOL_KWARGS", {})

    def connect(self, url: str) -> CacheCluster:
        """Return the process' client, which asks the nodes for their map when it is made.

        :raises RedisError: if no node answers
        """
        name = os.getpid(), url
        if name not in self._clusters:
            with _as_redis_error():
                self._clusters.setdefault(name, self._make(url))
        return self._clusters[name]

    def disconnect(self, connection: CacheCluster) -> None:
        """Close its connections; they open again when needed."""
        connection.disconnect_connection_pools()  # type: ignore[no-untyped-call]

    def _make(self, url: str) -> CacheCluster:
        return CacheCluster(
            startup_nodes=[_node(address) for address in url.split(",")],
            # Another node may know more after a failure; a third try would only wait longer.
            retry=Retry(NoBackoff(), 1),
            # A pipeline is sent again after MOVED, but to the same node unless the map is new.
            reinitialize_steps=1,
            # Part of the cache is better than none of it, and its answers are no less right.
            require_full_coverage=False,
            # The configured names stay the way in, even when all addresses change.
            dynamic_startup_nodes=False,
            **self._sockets,
        )


def _node(address: str) -> ClusterNode:
    host, _, port = address.rpartition(":")
    return ClusterNode(host, int(port))  # type: ignore[no-untyped-call]
