"""Downloads through a real Daphne: slow clients, broken streams, small pools."""

import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import psutil
import pytest

from jobs import work
from jobs.models import Chunk
from tests.support.keys import create_key
from tests.whole.daphne.conftest import POOL
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)
CARDS = 500_000


@pytest.fixture
def key(user) -> str:
    """An API key."""
    return create_key(user=user, name="streams")


@pytest.fixture
def address(site: str, catalogue: None) -> str:
    """A web process with a small pool of connections."""
    return site


def get(address: str, job, key: str, *, query: str = "format=csv") -> socket.socket:
    """Ask for a result and leave the answer unread."""
    where = urlsplit(address)
    client = socket.create_connection((where.hostname, where.port), timeout=20)
    path = f"/api/v1/cards/jobs/{job.id}/result?{query}"
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\n\r\n"
    client.sendall(head.encode())
    return client


def read_all(client: socket.socket) -> bytes:
    pieces = []
    with suppress(ConnectionResetError):  # how a cut connection may look
        while piece := client.recv(1 << 16):
            pieces.append(piece)
    return b"".join(pieces)


def health(address: str) -> dict:
    with urllib.request.urlopen(f"{address}/health", timeout=15) as response:
        return json.load(response)


def finished(submit, count: int):
    job = submit(count=count)
    work.work(duration=timedelta(seconds=90))
    return job


def damage(job) -> None:
    """Make a row of the last chunk unreadable."""
    last = Chunk.objects.filter(job=job).order_by("-id")[0]
    Card.objects.filter(slot=last.first_slot).update(cvv="1")


def test_a_stream_that_fails_is_cut_and_not_ended(submit, key, address):
    job = finished(submit, 120_000)
    damage(job)
    with get(address, job, key) as client:
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 200")
    assert not answer.endswith(b"0\r\n\r\n")


def test_broken_streams_cost_no_database_connection(submit, key, address):
    job = finished(submit, 120_000)
    damage(job)
    for _ in range(POOL + 2):
        with get(address, job, key) as client:
            read_all(client)
    assert health(address)["database"] == "up"


def test_a_wrong_cursor_is_a_problem_before_anything_is_sent(submit, key, address):
    job = finished(submit, 10)
    for _ in range(POOL + 2):
        with get(address, job, key, query="format=csv&after=x") as client:
            client.settimeout(5)
            assert client.recv(12) == b"HTTP/1.1 422"
    assert health(address)["database"] == "up"


def test_clients_that_read_nothing_hold_no_connection_and_no_file(submit, key, address):
    job = finished(submit, CARDS)
    process = next(
        found for found in psutil.Process().children() if "daphne" in " ".join(found.cmdline())
    )
    health(address)
    before = process.memory_info().rss
    clients = [get(address, job, key) for _ in range(POOL + 2)]
    time.sleep(3)
    assert health(address)["database"] == "up"
    # Five files are 145 MB; a block of each may be on its way: 45 MB, however large the files.
    assert process.memory_info().rss - before < 90_000_000
    for client in clients:
        client.close()


def test_a_slow_client_gets_the_whole_file(submit, key, address):
    job = finished(submit, CARDS)
    where = urlsplit(address)
    client = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    client.request(
        "GET", f"/api/v1/cards/jobs/{job.id}/result?format=csv", headers={"X-API-Key": key}
    )
    response = client.getresponse()
    lines = 0
    while piece := response.read(1 << 20):
        lines += piece.count(b"\n")
        time.sleep(0.02)
    client.close()
    assert lines == CARDS + 1


def test_a_deeply_nested_body_is_refused(key, address):
    body = b"[" * 100_000
    request = urllib.request.Request(
        f"{address}/api/v1/cards/generate",
        data=body,
        headers={"X-API-Key": key, "Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 400
    assert json.load(refused.value)["code"] == "malformed_json"
