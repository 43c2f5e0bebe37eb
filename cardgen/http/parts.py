"""What cardgen stands on, part by part, and whether each answers.

All parts are asked at the same time and none is waited for longer than `PATIENCE`: a server that
hangs must not make a service that only misses it look dead. Each is asked once at a time, however
many want to know, so that probes, which need no key, cost the same for any number of askers.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from enum import StrEnum
from functools import cache as once
from threading import Lock, Thread
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import close_old_connections, connection
from kombu.exceptions import KombuError
from redis import Redis
from redis.exceptions import RedisError

from jobs.models import Role
from jobs.watching import serving
from toolkit.database import AWAY

PATIENCE = 2.0  # seconds
_FAILURES = (*AWAY, RedisError, KombuError, OSError)


class State(StrEnum):
    """How a part is."""

    UP = "up"
    DOWN = "down"
    SILENT = "silent"
    """It did not answer in time."""
    MISSING = "missing"
    """No process of that kind was heard of lately."""
    UNKNOWN = "unknown"
    """Only the database could tell."""


Check = Callable[[], Mapping[str, State]]


class Checkup:
    """Asks parts in threads of their own.

    :param checks: by the part that they ask; they may tell of others too
    """

    def __init__(self, checks: Mapping[str, Check], *, patience: float = PATIENCE) -> None:
        self._checks, self._patience = checks, patience
        self._asked: dict[str, Future[Mapping[str, State]]] = {}
        self._lock = Lock()

    def look(self, parts: Sequence[str]) -> dict[str, State]:
        """Return how each part is. Never raises."""
        asked = self._ask()
        wait(asked.values(), timeout=self._patience)
        found = dict.fromkeys(parts, State.UNKNOWN)
        for name, answer in asked.items():
            found |= answer.result() if answer.done() else {name: State.SILENT}
        return found

    def _ask(self) -> dict[str, Future[Mapping[str, State]]]:
        with self._lock:
            for name, check in self._checks.items():
                if name not in self._asked or self._asked[name].done():
                    self._asked[name] = _begun(name, check)
            return dict(self._asked)


def _begun(name: str, check: Check) -> Future[Mapping[str, State]]:
    """Ask in a thread that keeps no process from ending: the threads of an executor would."""
    answer: Future[Mapping[str, State]] = Future()

    def ask() -> None:
        answer.set_result(_answer(name, check))

    Thread(target=ask, name=f"checkup of {name}", daemon=True).start()
    return answer


def _answer(name: str, check: Check) -> Mapping[str, State]:
    try:
        return {name: State.UP} | dict(check())
    except _FAILURES:
        return {name: State.DOWN}


def _database() -> Mapping[str, State]:
    close_old_connections()  # a new wait for the pool (cardgen.backend)
    try:
        found = serving()
    finally:
        connection.close()
    return {
        "workers": State.UP if found[Role.WORKER] else State.MISSING,
        "reconcilers": State.UP if found[Role.RECONCILER] else State.MISSING,
    }


def _broker() -> Mapping[str, State]:
    with current_app.connection_for_write() as link:
        channel: Any = link.default_channel  # that of Redis: it has a client
        channel.client.ping()
    return {}


def _cache() -> Mapping[str, State]:
    cache.get("health")
    return {}


def _channels() -> Mapping[str, State]:
    _channel_server().ping()
    return {}


@once
def _channel_server() -> Redis:
    layer: Any = settings.CHANNEL_LAYERS["default"]["CONFIG"]
    return Redis.from_url(layer["hosts"][0]["address"], socket_timeout=1, socket_connect_timeout=1)


SERVERS: Mapping[str, Check] = {"broker": _broker, "cache": _cache, "channels": _channels}
"""Those beside the database, which tells more than that it answers."""
PARTS = ("database", "workers", "reconcilers", *SERVERS)
_checkup = Checkup({"database": _database, **SERVERS})


def look() -> dict[str, State]:
    """Return how each of `PARTS` is, within `PATIENCE` seconds. Never raises."""
    return _checkup.look(PARTS)
