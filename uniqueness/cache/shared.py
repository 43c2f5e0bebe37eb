"""What is costly to compute and may be some seconds old: computed by one process, used by all.

Values are JSON and carry a proof (HMAC-SHA256, RFC 2104) over their name, their age and themselves:
a cache that lies is a cache that knows nothing. When a value ages out one caller computes it anew,
the others go on with the old one; when there is none, they wait for the one who computes. A caller
that dies leaves a lock that expires. Without a cache server each process computes for itself.
"""

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeVar, cast

from toolkit.counters import Counters
from toolkit.valkey.breaker import PAUSE, Breakers
from toolkit.valkey.connections import Client, client
from uniqueness.cache.events import EVENTS, Event
from uniqueness.cache.keys import cache_keys

T = TypeVar("T")
LOCK_SECONDS = 5.0  # longest computation that others wait for
_STALE = 4  # a value is served for so many times its lifetime while somebody computes
_POLL = 0.05
_PROOF_BYTES = 32
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Value(NamedTuple):
    """A value as it stands in the cache: when it was computed (Unix seconds), and its JSON."""

    computed_at: float
    text: str

    def age(self) -> float:
        """Return its age in seconds; one from the future is of no use and infinitely old."""
        age = time.time() - self.computed_at
        return age if age >= -LOCK_SECONDS else float("inf")


class SharedValues:
    """Values by key, in this process and in the cache server.

    :param lock_seconds: how long one computation keeps others waiting
    :param place: where all these values stand in the server, the latest alone; each for itself
        if there is none
    """

    def __init__(
        self,
        *,
        connect: Callable[[], Client],
        lock_seconds: float = LOCK_SECONDS,
        pause: float = PAUSE,
        place: str = "",
    ) -> None:
        self._place = place
        self.counters: Counters[Event] = Counters(EVENTS)
        self._connect = connect
        self._breakers = Breakers(counters=self.counters, pause=pause)
        self._lock_seconds = lock_seconds
        self._values: dict[str, Value] = {}
        self._locks: dict[str, threading.Lock] = {}

    def cached(self, key: str, *, seconds: float, compute: Callable[[], T]) -> T:
        """Return `compute()`, at most `seconds` old (four times that while another computes it).

        The value must survive JSON unchanged, so no tuples. Keys are few and chosen by the code.
        What `compute` raises is raised.
        """
        value = self._values.get(key)
        if value is None or value.age() >= seconds:
            value = self._one_thread(key, seconds, compute)
        return cast("T", json.loads(value.text))

    def _one_thread(self, key: str, seconds: float, compute: Callable[[], object]) -> Value:
        """Let one thread of this process renew the value; the others take what is there."""
        known = self._values.get(key)
        usable = known is not None and known.age() < seconds * _STALE
        lock = self._locks.setdefault(key, threading.Lock())
        # Longer than a computation that is waited for: then rather twice than never.
        held = lock.acquire(timeout=0 if usable else 2 * self._lock_seconds)
        try:
            known = self._values.get(key)
            if known and known.age() < seconds * (1 if held else _STALE):
                return known
            value = self._from_server(key, seconds, compute)
            self._values[key] = value
            return value
        finally:
            if held:
                lock.release()

    def _from_server(self, key: str, seconds: float, compute: Callable[[], object]) -> Value:
        """Take the server's value, or compute one, or wait for whoever does."""
        mine = secrets.token_hex(8)
        until = time.monotonic() + self._lock_seconds
        while time.monotonic() < until:
            value = self._read(key)
            if value and value.age() < seconds:
                return value
            if self._locked(key, mine):
                break
            if value and value.age() < seconds * _STALE:
                return value
            time.sleep(_POLL)
        try:
            # Somebody may have computed it between the look and the lock.
            value = self._read(key, again=True)
            if value and value.age() < seconds:
                return value
            return self._computed(key, seconds, compute)
        finally:
            self._ask(lambda server: server.eval(_RELEASE, 1, _lock_name(key), mine))

    def _computed(self, key: str, seconds: float, compute: Callable[[], object]) -> Value:
        value = Value(time.time(), json.dumps(compute()))
        lifetime = max(1, round(seconds * _STALE))
        self._ask(
            lambda server: server.set(_name(self._place or key), _written(key, value), ex=lifetime)
        )
        return value

    def _locked(self, key: str, mine: str) -> bool:
        """Take the lock of all processes; without a server everybody has it."""
        milliseconds = int(self._lock_seconds * 1_000)
        asked = self._ask(lambda s: (s.set(_lock_name(key), mine, nx=True, px=milliseconds),))
        return asked is None or bool(asked[0])

    def _read(self, key: str, *, again: bool = False) -> Value | None:
        """Return the server's value, if it has a true one; what is read again counts once."""
        raw = self._ask(lambda server: server.get(_name(self._place or key)))
        if not isinstance(raw, bytes):
            return None
        value = _proven(key, raw)
        if not again:
            self.counters.add("rejected" if value is None else "server_hits")
        return value

    def _ask(self, command: Callable[[Client], T]) -> T | None:
        return self._breakers.guarded("cache server", lambda: command(self._connect()))


def _name(key: str) -> str:
    return f"cardgen:shared:{{{key}}}"


def _lock_name(key: str) -> str:
    return f"cardgen:shared:{{{key}}}:lock"


def _written(key: str, value: Value) -> bytes:
    body = f"{value.computed_at!r} {value.text}".encode()
    return _proof(key, body) + body


def _proven(key: str, raw: bytes) -> Value | None:
    proof, body = raw[:_PROOF_BYTES], raw[_PROOF_BYTES:]
    if not hmac.compare_digest(proof, _proof(key, body)):
        return None
    computed_at, _, text = body.decode().partition(" ")
    return Value(float(computed_at), text)


def _proof(key: str, body: bytes) -> bytes:
    return hmac.digest(cache_keys().shared, f"{key}\0".encode() + body, hashlib.sha256)


@cache
def _shared() -> SharedValues:
    return SharedValues(connect=client)


def cached(key: str, *, seconds: float, compute: Callable[[], T]) -> T:
    """Return `compute()`, at most `seconds` old, from the cache (see `SharedValues.cached`)."""
    return _shared().cached(key, seconds=seconds, compute=compute)
