"""Sealed filters on the cache server: one version for each window.

All keys of a window share a hash tag, so that they live on one node of a Cluster and MULTI works.
Every key expires: what a crash leaves behind goes away by itself.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar, get_args

import numpy as np
from redis import Redis

from toolkit.counters import Counters
from toolkit.totals import Total
from toolkit.valkey.breaker import Breakers
from toolkit.valkey.connections import Client, client
from toolkit.valkey.nodes import MOVING, server_of, servers
from uniqueness.bloom import sbbf
from uniqueness.bloom.sbbf import FILTER_BYTES, Filter

T = TypeVar("T")
Stored = tuple[int, str]
"""A filter on the server: its window, and its version: `v1`."""

_SEALED_FOR = 30 * 86_400
_NEEDED = 2  # filters: a version and the one before it are there together for a moment
_SHARE = 0.5  # of the server's memory: with one server for everything, the rest is the broker's
_KEY = re.compile(r"cardgen:bloom:\{([0-9]+)\}:(v[0-9]+)")

_PAUSE = 10.0  # seconds; a hung server costs who asks one timeout in each
_BOUNDLESS = 1_000_000

Event = Literal["hits", "misses", "loads", "absent", "damaged", "errors"]
"""What layer 4 counts.

* hits: numbers that a sealed filter ruled out; misses: numbers that none did
* loads: filters fetched; absent: not there; damaged: not what was sealed, and dropped
* errors: calls of the cache server that failed
"""

EVENTS = Total(
    name="cardgen_bloom_events_total",
    help="What layer 4 did (docs/bloom.md).",
    labels=("event",),
)
counters: Counters[Event] = Counters(get_args(Event), tell=EVENTS.add)
breakers = Breakers(counters=counters, pause=_PAUSE)


def put(*, window: int, version: int, bloom: Filter) -> bool:
    """Store a sealed version in place of the one before; tell if it is."""

    def call(server: Client) -> bool:
        with server.pipeline(transaction=True) as pipe:
            pipe.set(_key(window, f"v{version}"), bloom.data, ex=_SEALED_FOR)
            pipe.delete(_key(window, f"v{version - 1}"))
            pipe.execute()
        return True

    return _attempt(window, call) or False


def get(*, window: int, version: int, wanted: bytes) -> bytes | None:
    """Fetch a sealed version; None if it is not there.

    One without the digest `wanted` is dropped, so that the next sync finds it lost.
    """
    name = f"v{version}"
    text = _fetch(window, name)
    if text is None:
        counters.add("absent")
    elif sbbf.digest(text) != wanted:
        counters.add("damaged")
        drop(window=window, name=name)
        return None
    return text


def believed(*, window: int, version: int, digest: bytes) -> Filter | None:
    """Fetch a sealed version without counting it; None if who asks would not take it."""
    text = _fetch(window, f"v{version}")
    if text is None or sbbf.digest(text) != digest:
        return None
    return np.frombuffer(text, dtype=np.uint8)


def answers() -> bool:
    """Tell whether any server that has filters answers."""
    return stored() is not None


def stored() -> list[Stored] | None:
    """List what the servers have that answer; None if none does."""
    reached = breakers.guarded("cache", client)
    if reached is None:
        return None
    asked = [breakers.guarded(name, partial(_names, redis)) for name, redis in servers(reached)]
    answered = [names for names in asked if names is not None]
    found = (_KEY.fullmatch(name.decode()) for names in answered for name in names)
    return [(int(match[1]), match[2]) for match in found if match] if answered else None


def drop(*, window: int, name: str) -> None:
    """Forget one of what `stored` lists."""
    _attempt(window, lambda server: server.delete(_key(window, name)))


def has_room(window: int) -> bool | None:
    """Tell whether filters leave the window's server memory for its other work (noeviction).

    None if it does not answer.
    """
    return _attempt(window, lambda server: _room(server, window) >= _NEEDED)


def server_name(window: int) -> str | None:
    """Name the server that the window's filters are on."""
    reached = breakers.guarded("cache", client)
    return _name(reached, window) if reached else None


def _fetch(window: int, name: str) -> bytes | None:
    text = _attempt(window, lambda server: server.get(_key(window, name)))
    return text if isinstance(text, bytes) else None


def _names(server: Redis) -> list[bytes]:
    return list(server.scan_iter("cardgen:bloom:*", count=1_000))


def _attempt(window: int, call: Callable[[Client], T]) -> T | None:
    """Call the window's server; None if that fails, or if it failed a moment ago."""
    reached = breakers.guarded("cache", client)
    if reached is None:
        return None
    return breakers.guarded(_name(reached, window), lambda: _unless_moving(reached, call))


def _unless_moving(reached: Client, call: Callable[[Client], T]) -> T | None:
    """Call the client, which follows slots that have moved; those on their way are left alone."""
    try:
        return call(reached)
    except MOVING:
        return None


def _name(reached: Client, window: int) -> str:
    server = server_of(reached, b"%d" % window)
    return server.name if server else "uncovered slots of the cache cluster"


def _room(reached: Client, window: int) -> int:
    """Count the filters that the window's server has room for."""
    server = server_of(reached, b"%d" % window)
    memory = server.redis.info("memory") if server else {}
    most = int(memory.get("maxmemory", 0))
    if not most:
        return _BOUNDLESS
    return (int(most * _SHARE) - int(memory["used_memory"])) // FILTER_BYTES


def _key(window: int, name: str) -> str:
    return f"cardgen:bloom:{{{window}}}:{name}"
