"""The servers behind a client: one, or the nodes of a cluster."""

from typing import NamedTuple

from redis import Redis
from redis.cluster import ClusterNode
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, SlotNotCoveredError, TryAgainError

from toolkit.valkey.cluster import CacheCluster
from toolkit.valkey.connections import Client

MOVING = (MovedError, AskError, TryAgainError)
"""What a node answers while a slot is on its way to another one: no failure."""


class CacheNode(NamedTuple):
    """One server, by a name for the log."""

    name: str
    redis: Redis


def server_of(client: Client, tag: bytes) -> CacheNode | None:
    """Find the server of all keys with that hash tag, by the client's map; None if none has."""
    if not isinstance(client, CacheCluster):
        return CacheNode("cache server", client)
    try:
        return _node(client, client.nodes_manager.get_node_from_slot(key_slot(tag)))
    except SlotNotCoveredError:
        return None


def servers(client: Client) -> list[CacheNode]:
    """List the servers that keys may be on, dead ones too."""
    if not isinstance(client, CacheCluster):
        return [CacheNode("cache server", client)]
    nodes = client.get_primaries()  # type: ignore[no-untyped-call]
    return [_node(client, node) for node in nodes]


def _node(cluster: CacheCluster, node: ClusterNode) -> CacheNode:
    return CacheNode(f"cache node {node.name}", cluster.get_redis_connection(node))
