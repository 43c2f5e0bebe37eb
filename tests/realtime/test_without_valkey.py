"""Valkey is a loudspeaker: without it nothing breaks, and nobody waits long."""

import socket
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from pytest_django.fixtures import Settings

from realtime import announce as announcing
from realtime.announce import announce
from tests.realtime.sockets import Socket, browser


def layers(address: str) -> dict[str, Any]:
    """Configure the channel layer of this project at another address."""
    host = {"address": address, "socket_timeout": None, "socket_connect_timeout": 2}
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [host]}}}


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that accepts connections and never answers: the address of a hung Valkey."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(autouse=True)
def fresh_loudspeaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without an earlier failure to be quiet about."""
    monkeypatch.setattr(announcing, "_loudspeaker", announcing._Loudspeaker())


def seconds_for(announcements: int) -> float:
    """Measure how long a worker is held up."""
    started = time.monotonic()
    for version in range(announcements):
        announce(job_id=uuid4(), owner_id=1, version=version)
    return time.monotonic() - started


def test_a_hung_valkey_holds_a_worker_for_a_moment_and_then_not_at_all(
    settings: Settings, silent_server: str
) -> None:
    settings.CHANNEL_LAYERS = layers(silent_server)
    assert seconds_for(20) < 3


def test_a_missing_valkey_costs_a_worker_next_to_nothing(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers("unix:///nowhere/valkey.sock")
    assert seconds_for(20) < 1


def test_a_socket_without_valkey_is_told_to_try_again(session: Client, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers("unix:///nowhere/valkey.sock")

    async def scenario() -> tuple[bool, Any]:
        return await Socket("/ws/jobs", browser(session)).connect()

    assert async_to_sync(scenario)() == (False, 4503)
