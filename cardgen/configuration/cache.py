"""From CACHE_URL to Django's CACHES: one server, Sentinel or a Redis Cluster.

Everything has a short timeout and at most one retry: the cache is a hint, and nobody waits for it.
"""

import re
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ServerGone
from redis.retry import Retry

FORMS = (
    "redis://host:6379/1, rediss://host:6379/1 (TLS), unix:///path/to/socket?db=1,"
    " redis+sentinel://host:26379,host:26379/service/1 or redis+cluster://host:6379,host:6379"
    " (rediss+… for TLS); user:password@ may come before the hosts"
)
_SINGLE = ("redis", "rediss", "unix")
_PORTS = {"sentinel": 26_379, "cluster": 6_379}
_OPTIONS = {"db", "username", "password"}
_TLS_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
_SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?")

Settings = dict[str, Any]


class Node(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


def caches(url: str, *, timeout: float) -> Settings:
    """Return CACHES for one of the `FORMS`, whose sockets give up after `timeout` seconds.

    :raises ImproperlyConfigured: with the forms; the URL itself may hold a password and is not told
    """
    try:
        location, options = _read(url, timeout)
    except ValueError as error:
        raise ImproperlyConfigured(f"CACHE_URL {error}. Allowed: {FORMS}") from None
    # No pickle: whoever can write to the cache must not be able to run code here.
    options["SERIALIZER"] = "django_redis.serializers.json.JSONSerializer"
    # A list, for django-redis takes a text apart at commas, which a password may hold.
    cache = {"LOCATION": [location], "OPTIONS": options, "KEY_PREFIX": "cardgen"}
    return {"default": {"BACKEND": "django_redis.cache.RedisCache", **cache}}


def _read(url: str, timeout: float) -> tuple[str, Settings]:
    url = url.strip()
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if parts.scheme in _SINGLE:
        # redis-py knows schemes in small letters only.
        return parts.scheme + url[len(parts.scheme) :], _single(parts, timeout)
    if scheme in ("redis", "rediss") and kind in _PORTS:
        return _many(parts, timeout)
    raise ValueError("has an unknown scheme")


def _single(parts: SplitResult, timeout: float) -> Settings:
    _query(parts)
    if parts.scheme == "unix" and not parts.path.strip("/"):
        raise ValueError("has no path to a socket")
    if parts.scheme != "unix":
        _node(parts.netloc.rpartition("@")[2], port=6_379)
        _database(parts.path.strip("/"))
    return {"CONNECTION_POOL_KWARGS": _sockets(timeout)}


def _many(parts: SplitResult, timeout: float) -> tuple[str, Settings]:
    scheme, _, kind = parts.scheme.partition("+")
    user, _, hosts = parts.netloc.rpartition("@")
    nodes = [_node(host, port=_PORTS[kind]) for host in hosts.split(",")]
    make = _sentinel if kind == "sentinel" else _cluster
    return make(f"{scheme}://", parts.path.strip("/"), nodes, _login(user) | _query(parts), timeout)


def _sentinel(
    scheme: str, path: str, nodes: list[Node], words: dict[str, str], timeout: float
) -> tuple[str, Settings]:
    service, _, database = path.partition("/")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", service):
        raise ValueError("names no Sentinel service")
    own = {
        name.removeprefix("sentinel_"): words.pop(name)
        for name in ("sentinel_username", "sentinel_password")
        if name in words
    }
    tls = {"ssl": scheme == "rediss://"}
    # Always redis://, for rediss:// would choose a connection that knows nothing of Sentinel.
    return f"redis://{service}/{_database(words.pop('db', database))}", {
        "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
        "SENTINELS": [tuple(node) for node in nodes],
        "SENTINEL_KWARGS": _sockets(timeout) | tls | own,
        "CONNECTION_POOL_KWARGS": _sockets(timeout) | tls | words,
    }


def _cluster(
    scheme: str, path: str, nodes: list[Node], words: dict[str, str], timeout: float
) -> tuple[str, Settings]:
    if path not in ("", "0") or words.pop("db", "0") != "0":
        raise ValueError("names a database, but a cluster has only number 0")
    return ",".join(f"{node.host}:{node.port}" for node in nodes), {
        "CONNECTION_FACTORY": "toolkit.valkey.cluster.ClusterConnectionFactory",
        "CONNECTION_POOL_KWARGS": {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "ssl": scheme == "rediss://",
            **words,
        },
    }


def _sockets(timeout: float) -> Settings:
    # One retry, for a connection that a restarted server has dropped; none for one that hangs.
    retry = Retry(NoBackoff(), 1, supported_errors=(ServerGone,))
    return {"socket_timeout": timeout, "socket_connect_timeout": timeout, "retry": retry}


def _node(text: str, *, port: int) -> Node:
    found = _HOST.fullmatch(text)
    if not found or not 0 < int(found[2] or port) < 65_536:
        raise ValueError("has a host that cannot be read (host, host:port or [IPv6]:port)")
    return Node(found[1].strip("[]"), int(found[2] or port))


def _database(text: str) -> int:
    if text and not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError("has a database that is not a number")
    return int(text or 0)


def _login(text: str) -> dict[str, str]:
    username, _, password = text.partition(":")
    given = {"username": unquote(username), "password": unquote(password)}
    return {name: value for name, value in given.items() if value}


def _query(parts: SplitResult) -> dict[str, str]:
    found = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    known = _known_options(parts.scheme)
    if set(found) - known:
        raise ValueError(f"has an unknown option (known: {', '.join(sorted(known))})")
    _database(found.get("db", ""))
    return found


def _known_options(scheme: str) -> set[str]:
    known = _OPTIONS | (_TLS_OPTIONS if scheme.startswith("rediss") else set())
    return known | (_SENTINEL_OPTIONS if scheme.endswith("sentinel") else set())
