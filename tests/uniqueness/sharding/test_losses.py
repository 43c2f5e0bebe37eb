"""Servers of a cluster die in mid-job: no card is lost, none is there twice."""

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import MANAGE
from tests.support.processes import environment, reconciler, web, worker
from tests.support.waiting import wait_until
from tests.uniqueness.sharding.cluster import PROGRAMS, Cluster, Node, cluster

pytestmark = [
    pytest.mark.skipif(
        not PROGRAMS, reason="needs CARDGEN_CITUS_PROGRAMS, a folder of a PostgreSQL with citus"
    ),
    pytest.mark.django_db(transaction=True),
]
_CARDS = 200_000
_PATIENCE = 180.0
_OUTAGE = 3.0
_TWICE = "SELECT count(*), count(DISTINCT pan) FROM uniqueness_ledger"
_PREPARED = "SELECT count(*) FROM pg_prepared_xacts"


@dataclass
class Running:
    """cardgen on a cluster, reached over HTTP."""

    servers: Cluster
    address: str
    key: str

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request; the answer's body."""
        request = urllib.request.Request(
            f"{self.address}/api/v1/cards/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def order(self) -> str:
        """Order a job, and wait until some of its cards are made."""
        job = str(self.call("POST", "generate-async", {"scheme": "visa", "count": _CARDS})["id"])
        wait_until(lambda: 0 < self.job(job).get("produced", 0) < _CARDS, seconds=_PATIENCE)
        return job

    def job(self, job: str) -> dict[str, Any]:
        """Tell how the job is; nothing while a server is away."""
        with suppress(OSError):
            return self.call("GET", f"jobs/{job}")
        return {}

    def await_end(self, job: str) -> str:
        """Wait until the job has ended; how."""
        ends = {"succeeded", "failed", "cancelled"}
        wait_until(lambda: self.job(job).get("status") in ends, seconds=_PATIENCE)
        return str(self.job(job)["status"])


def command(servers: Cluster, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of ours on the cluster."""
    return subprocess.run(
        [*MANAGE, *words],
        env=environment(DATABASE_URL=servers.url),
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def servers() -> Iterator[Cluster]:
    """Three servers, the ledger parted over two of them."""
    with tempfile.TemporaryDirectory(prefix="cardgen-nodes-") as folder:
        Path(folder).chmod(0o755)
        with cluster(Path(folder)) as made:
            yield made


@pytest.fixture
def running(servers: Cluster, tmp_path: Path) -> Iterator[Running]:
    """All programs of a cardgen whose ledger is distributed."""
    for words in (
        ("migrate",),
        ("load_catalogue",),
        ("distribute_ledger", "--shards", "4", "--yes"),
    ):
        done = command(servers, *words)
        assert done.returncode == 0, done.stderr
    command(servers, "createsuperuser", "--noinput", "--username=u", "--email=u@example.com")
    name = f"key-{time.time()}"
    key = command(servers, "create_api_key", "--user", "u", "--name", name).stdout.strip()
    own = {
        "DATABASE_URL": servers.url,
        "CARDGEN_CHUNK_CARDS": "5000",
        "CARDGEN_LEASE_SECONDS": "10",
    }
    with ExitStack() as stack:
        address = stack.enter_context(web(tmp_path / "web.log", **own))
        stack.enter_context(worker(tmp_path / "worker.log", **own))
        stack.enter_context(reconciler(tmp_path / "reconciler.log", **own))
        yield Running(servers, address, key)


def prove(running: Running) -> None:
    """Pause, prove everything, and go on."""
    reason = ("--reason", "a test proves")
    coordinator = running.servers.coordinator
    assert command(running.servers, "queue", "--pause", *reason).returncode == 0
    running_chunks = "SELECT count(*) FROM jobs_chunk WHERE state = 'running'"
    wait_until(lambda: coordinator.rows(running_chunks) == [(0,)], seconds=_PATIENCE)
    wait_until(lambda: not any(map(prepared, running.servers.nodes)), seconds=_PATIENCE)
    proof = command(running.servers, "validate_uniqueness")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert command(running.servers, "queue", "--resume", *reason).returncode == 0


def prepared(node: Node) -> int:
    return int(node.rows(_PREPARED)[0][0])


def cards(running: Running) -> int:
    rows, numbers = running.servers.coordinator.rows(_TWICE)[0]
    assert rows == numbers
    return int(rows)


@pytest.mark.parametrize("which", ["a node", "the coordinator"])
def test_a_server_that_dies_in_mid_job_costs_no_card(running: Running, which: str) -> None:
    before = cards(running)
    job = running.order()
    for _ in range(2):
        victim = running.servers.nodes[0] if which == "a node" else running.servers.coordinator
        victim.kill()
        time.sleep(_OUTAGE)
        victim.start()
        time.sleep(_OUTAGE)
    assert running.await_end(job) == "succeeded"
    wait_until(lambda: not any(map(prepared, running.servers.nodes)), seconds=_PATIENCE)
    assert cards(running) == before + _CARDS
    prove(running)


def test_a_node_that_dies_between_the_two_commits_makes_nobody_count_wrong(
    running: Running,
) -> None:
    job = running.order()
    victim = running.servers.nodes[1]
    wait_until(lambda: prepared(victim) > 0, seconds=_PATIENCE)
    victim.kill()
    assert command(running.servers, "job", job, "--cancel").returncode == 0
    time.sleep(_OUTAGE)
    victim.start()
    assert running.await_end(job) == "cancelled"
    held = "SELECT count(*) FROM uniqueness_reservation WHERE state = 'held' AND NOT stock"
    wait_until(lambda: running.servers.coordinator.rows(held) == [(0,)], seconds=_PATIENCE)
    prove(running)
