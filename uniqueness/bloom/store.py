"""Filters on the cache server: one live filter a window, and one sealed version.

All keys of a window share a hash tag, so that they live on one node of a Cluster and MULTI works.
Every key expires: what a crash leaves behind goes away by itself.
"""

import re
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar, cast

import numpy as np

from uniqueness.bloom import sbbf
from uniqueness.bloom.counters import counters
from uniqueness.bloom.sbbf import FILTER_BYTES, Filter, Pans
from uniqueness.cache.breaker import FAILURES, Breaker
from uniqueness.cache.connections import client

T = TypeVar("T")

_DAY = 86_400
_LIVE_FOR = _DAY
_SEALED_FOR = 30 * _DAY
_TEMPORARY_FOR = 60
FEW = 64
"""Up to so many cards are sent bit by bit. Measured on a socket: 64 cards and 2 MiB both take 2 to
3 ms, ten cards 0.6 ms; over a network the bits win for longer."""
_SHARE = 0.5  # of the server's memory: with one server for everything, the rest is the broker's
_KEY = re.compile(r"cardgen:bloom:\{([0-9]+)\}:(live|v[0-9]+)")

_PAUSE = 10.0  # seconds; a hung server costs minters one timeout in each

breaker = Breaker("cache server (Bloom filters)", pause=_PAUSE)


def merge(*, window: int, pans: Pans) -> None:
    """Add N PANs to the window's live filter. Never raises; a server that fails is left alone."""
    if not _attempt(_had_room):
        counters.add("skipped")
        return
    send = _set_bits if pans.size <= FEW else _merge_filter
    if _attempt(lambda: send(_key(window, "live"), pans)):
        counters.add("merges")


def put(*, window: int, version: int, bloom: Filter) -> bool:
    """Store a sealed version in place of the one before and of the live filter; tell if it is."""

    def call() -> bool:
        with client().pipeline(transaction=True) as pipe:
            pipe.set(_key(window, f"v{version}"), bloom.data, ex=_SEALED_FOR)
            pipe.delete(_key(window, f"v{version - 1}"), _key(window, "live"))
            pipe.execute()
        return True

    return _attempt(call) or False


def get(*, window: int, version: int) -> bytes | None:
    """Fetch a sealed version as it stands there: check its digest."""
    return _attempt(lambda: _fetch(_key(window, f"v{version}")))


def hints(*, window: int, version: int) -> bytes | None:
    """Fetch what is known of a window that is not sealed: its live filter and a former version."""
    names = [_key(window, "live"), _key(window, f"v{version}")]
    found = _attempt(lambda: [_fetch(name) for name in names]) or []
    whole = [text.ljust(FILTER_BYTES, b"\0") for text in found if text]
    if not whole:
        return None
    arrays = [np.frombuffer(text, dtype=np.uint8, count=FILTER_BYTES) for text in whole]
    joined: Filter = np.bitwise_or.reduce(arrays)
    return joined.tobytes()


def stored() -> list[tuple[int, str]] | None:
    """List what the server has, as window and `live` or `v1`; None if it does not answer."""
    names = _attempt(lambda: list(client().scan_iter("cardgen:bloom:*", count=1_000)))
    if names is None:
        return None
    found = (_KEY.fullmatch(name.decode()) for name in names)
    return [(int(match[1]), match[2]) for match in found if match]


def drop(*, window: int, name: str) -> None:
    """Forget one of what `stored` lists."""
    _attempt(lambda: client().delete(_key(window, name)))


def has_room() -> bool | None:
    """Tell whether filters leave the server enough memory for its other work (noeviction).

    None if it does not answer. Of a Cluster one node is asked.
    """
    return _attempt(_room)


def _fetch(key: str) -> bytes | None:
    return cast("bytes | None", client().get(key))


def _attempt(call: Callable[[], T]) -> T | None:
    """Call the server; None if that fails, or if it failed a moment ago."""
    if not breaker.allows():
        return None
    try:
        result = call()
    except FAILURES as error:
        counters.add("errors")
        breaker.failed(error)
        return None
    breaker.succeeded()
    return result


def _room() -> bool:
    memory = client().info("memory")
    most = int(memory["maxmemory"])
    return not most or int(memory["used_memory"]) + 2 * FILTER_BYTES <= most * _SHARE


def _had_room() -> bool:
    """Answer from a moment ago: to ask takes longer than to add a few cards."""
    return _room_at(int(time.monotonic()))


@lru_cache(maxsize=1)
def _room_at(second: int) -> bool:
    return _room()


def _merge_filter(key: str, pans: Pans) -> bool:
    temporary = f"{key}:{secrets.token_hex(8)}"
    with client().pipeline(transaction=True) as pipe:
        pipe.set(temporary, sbbf.build(pans).data, ex=_TEMPORARY_FOR)
        # redis-py refuses `bitop` in the pipeline of a Cluster, though one hash tag binds the keys.
        pipe.execute_command("BITOP", "OR", key, key, temporary)
        pipe.delete(temporary)
        pipe.expire(key, _LIVE_FOR)
        pipe.execute()
    return True


def _set_bits(key: str, pans: Pans) -> bool:
    """Set eight bits a card; Redis counts the highest bit of a byte first."""
    words: list[str | int] = []
    for place in (sbbf.bits(pans) ^ 7).tolist():
        words += ["SET", "u1", place, 1]
    with client().pipeline(transaction=True) as pipe:
        pipe.execute_command("BITFIELD", key, *words)
        pipe.expire(key, _LIVE_FOR)
        pipe.execute()
    return True


def _key(window: int, name: str) -> str:
    return f"cardgen:bloom:{{{window}}}:{name}"
