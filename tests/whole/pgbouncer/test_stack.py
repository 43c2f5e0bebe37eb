"""Web, two workers and the reconciler, all behind three connections."""

import http.client
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from jobs.models import Chunk, Job
from tests.support import processes
from tests.support.keys import create_key
from tests.whole.pgbouncer.bouncer import Bouncer
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)
FAST = {
    "CARDGEN_LEASE_SECONDS": "5",
    "CARDGEN_SLICE_SECONDS": "2",
    "CARDGEN_CHUNK_CARDS": "5000",
    "CARDGEN_RECONCILE_SECONDS": "1",
}


class Stack:
    """The processes of a whole installation, and a client of its API."""

    def __init__(self, *, address: str, key: str, workers: list[Any]) -> None:
        self._where = urlsplit(address)
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}
        self.workers = workers

    def ask(self, path: str, body: dict[str, object] | None = None) -> tuple[int, bytes]:
        """GET, or POST a body; gives status code and answer."""
        client = http.client.HTTPConnection(self._where.hostname, self._where.port, timeout=60)
        method, text = ("GET", None) if body is None else ("POST", json.dumps(body))
        with closing(client):
            client.request(method, f"/api/v1{path}", body=text, headers=self._headers)
            answer = client.getresponse()
            return answer.status, answer.read()

    def order(self, count: int) -> str:
        """Order Visa cards; gives the job's id."""
        _, answer = self.ask("/cards/generate-async", {"scheme": "visa", "count": count})
        return str(json.loads(answer)["id"])

    def move(self, job: str, name: str) -> int:
        """Pause, resume or cancel; gives the status code."""
        return self.ask(f"/cards/jobs/{job}/{name}", {})[0]


@pytest.fixture
def stack(bouncer: Bouncer, catalogue: None, user, tmp_path: Path) -> Iterator[Stack]:
    """Nothing of it but the test itself has a connection of its own."""
    key = create_key(user=user, name="pgbouncer")
    chosen = FAST | bouncer.environment
    with ExitStack() as started:
        workers = [
            started.enter_context(processes.worker(tmp_path / f"worker-{n}.log", **chosen))
            for n in range(2)
        ]
        started.enter_context(processes.reconciler(tmp_path / "reconciler.log", **chosen))
        address = started.enter_context(processes.web(tmp_path / "web.log", **chosen))
        yield Stack(address=address, key=key, workers=workers)


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def status(job: str) -> str:
    return Job.objects.get(id=job).status


def busy() -> set[str]:
    return set(Chunk.objects.filter(state="running").values_list("worker", flat=True))


def lines(stack: Stack, job: str) -> list[bytes]:
    code, file = stack.ask(f"/cards/jobs/{job}/result?format=csv")
    assert code == 200
    return file.splitlines()[1:]


def test_two_workers_mint_a_job_and_it_is_downloaded(stack, bouncer):
    small, _ = stack.ask("/cards/generate", {"scheme": "visa", "count": 50})
    seen: set[str] = set()
    job = stack.order(300_000)
    wait_until(lambda: seen.update(busy()) or status(job) == "succeeded")  # type: ignore[func-returns-value]
    assert small == 201
    assert len(seen) >= 2
    assert len(set(lines(stack, job))) == 300_000
    assert Card.objects.count() == 300_050
    assert not Chunk.objects.filter(attempts__gt=1).exists()
    assert len(bouncer.servers()) <= bouncer.pool_size


def test_a_job_is_paused_resumed_and_cancelled(stack):
    job = stack.order(400_000)
    wait_until(lambda: Job.objects.get(id=job).produced > 0)
    assert stack.move(job, "pause") == 200
    wait_until(lambda: not busy())
    produced = Job.objects.get(id=job).produced
    assert (status(job), stack.move(job, "resume")) == ("paused", 200)
    wait_until(lambda: Job.objects.get(id=job).produced > produced)
    assert stack.move(job, "cancel") == 200
    wait_until(lambda: status(job) == "cancelled")
    assert len(lines(stack, job)) == Card.objects.count() == Job.objects.get(id=job).produced


def test_a_worker_killed_with_a_chunk_in_hand_costs_no_card(stack):
    job = stack.order(300_000)
    wait_until(lambda: Job.objects.get(id=job).produced > 0)
    for child in psutil.Process(stack.workers[0].pid).children(recursive=True):
        child.send_signal(signal.SIGKILL)
    wait_until(lambda: status(job) == "succeeded")
    assert len(set(lines(stack, job))) == Card.objects.count() == 300_000
