"""The client of the cache server, whichever form CACHE_URL has."""

from typing import TypeAlias

from django_redis import get_redis_connection
from redis import Redis

from toolkit.valkey.cluster import CacheCluster

Client: TypeAlias = Redis | CacheCluster


def client() -> Client:
    """Return the redis-py client behind Django's cache: bytes in, bytes out, short timeouts.

    Cheap to call each time; the connections are pooled per process.

    :raises RedisError: on a cluster none of whose nodes answers
    """
    found: Client = get_redis_connection("default")
    return found
