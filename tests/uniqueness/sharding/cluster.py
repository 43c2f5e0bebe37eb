"""A cluster of our own on loopback, for tests that kill its servers.

`CARDGEN_CITUS_PROGRAMS` names the folder with `initdb` and `postgres` of a PostgreSQL that has the
extension; without it these tests are skipped.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from cardgen.embedded import accounts
from tests.support.processes import free_port
from tests.support.waiting import wait_until

PROGRAMS = os.environ.get("CARDGEN_CITUS_PROGRAMS", "")
_OPTIONS = {
    "shared_preload_libraries": "citus",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "lc_messages": "C",
    "log_min_error_statement": "panic",
    "citus.node_conninfo": "sslmode=disable",
    "citus.recover_2pc_interval": "5s",
    # A commit takes long enough to be hit.
    "commit_delay": "100000",
    "commit_siblings": "0",
}


@dataclass
class Node:
    """One PostgreSQL."""

    data: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def make(self) -> None:
        """Make its folder."""
        account = accounts.server_account()
        accounts.own(self.data, account)
        done = accounts.run(
            [f"{PROGRAMS}/initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust"], account
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        account = accounts.server_account()
        options = [f"-c{name}={value}" for name, value in _OPTIONS.items()]
        command = [f"{PROGRAMS}/postgres", "-D", str(self.data), "-p", str(self.port), *options]
        with self.data.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd="/",
                stdout=log,
                stderr=log,
                user=account.uid if account else None,
                group=account.gid if account else None,
                start_new_session=True,
            )
        wait_until(self._answers, seconds=60)

    def kill(self) -> None:
        """Have all of it die at once, as in a power cut."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        parent.suspend()
        family = [parent, *parent.children(recursive=True)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait(30)

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)

    def rows(self, statement: str, *, name: str = "cardgen") -> list[Any]:
        """Ask it."""
        url = f"postgres://postgres@127.0.0.1:{self.port}/{name}"
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            cursor = server.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        try:
            return bool(self.rows("SELECT 1", name="postgres"))
        except psycopg.OperationalError:
            return False


@dataclass
class Cluster:
    """A coordinator and two nodes."""

    coordinator: Node
    nodes: list[Node]

    @property
    def url(self) -> str:
        """The address that cardgen gets."""
        return f"postgres://postgres@127.0.0.1:{self.coordinator.port}/cardgen"


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Have three servers with an empty database that knows of them."""
    coordinator, *nodes = servers = [Node(folder / name) for name in ("c", "n1", "n2")]
    try:
        for server in servers:
            server.make()
            server.start()
            server.rows("CREATE DATABASE cardgen", name="postgres")
            server.rows("CREATE EXTENSION citus")
        coordinator.rows(f"SELECT citus_set_coordinator_host('127.0.0.1', {coordinator.port})")
        for node in nodes:
            coordinator.rows(f"SELECT citus_add_node('127.0.0.1', {node.port})")
        coordinator.rows("ALTER ROLE postgres SET log_min_messages = 'panic'")
        yield Cluster(coordinator, nodes)
    finally:
        for server in servers:
            server.stop()
