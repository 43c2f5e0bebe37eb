"""Several servers that share the ledger (Citus): the world's own as coordinator, nodes beside it.

`CARDGEN_CITUS_PROGRAMS` names the folder with the `postgres` of a PostgreSQL of the embedded
version that has the extension. The data is made as everywhere: an installation moves on to it.
"""

import os
from functools import partial
from io import StringIO
from pathlib import Path

import psutil
import psycopg
from django.core.management import call_command
from django.db import connections

from cardgen.embedded import accounts, paths, postgres, processes, servers
from chaos.world.victims import ServerVictim, free_port
from uniqueness import sharding

VARIABLE = "CARDGEN_CITUS_PROGRAMS"
PROGRAMS = os.environ.get(VARIABLE, "")
_OPTIONS = {
    "shared_preload_libraries": "citus",
    "listen_addresses": "127.0.0.1",
    "wal_level": "logical",
    "wal_compression": "pglz",
    "lc_messages": "C",
    "shared_buffers": "256MB",
    "citus.node_conninfo": "sslmode=disable",
}
_EXTENSION = "CREATE EXTENSION IF NOT EXISTS citus"
_RECOVER = "ALTER SYSTEM SET citus.recover_2pc_interval = '{seconds}s'"
_RELOAD = "SELECT pg_reload_conf()"
_COORDINATOR = "SELECT citus_set_coordinator_host('127.0.0.1', current_setting('port')::int)"
_ADD = "SELECT citus_add_node('127.0.0.1', {port})"
_HAS_AMCHECK = "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'"
_AMCHECK = "CREATE EXTENSION IF NOT EXISTS amcheck"
_MAY_CHECK = f"""
    GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO {paths.APPLICATION}
"""
_PREPARED = "SELECT count(*) FROM pg_prepared_xacts"


class Node(ServerVictim):
    """One PostgreSQL with the extension, on a port of its own; all of it dies in a power cut."""

    def __init__(self, var: Path) -> None:
        """Name its folder; `start` makes it there."""
        self.port = free_port()
        super().__init__(servers.POSTGRES, var=var, command=partial(_command, port=self.port))
        self.var = var

    def start(self, *, awaited: bool = True) -> None:
        """Start it, reached under the name of the embedded server's socket too."""
        folder = paths.socket_dir(self.var)
        usual = folder / paths.POSTGRES_SOCKET
        usual.unlink(missing_ok=True)
        super().start(awaited=awaited)
        usual.symlink_to(folder / f".s.PGSQL.{self.port}")

    def kill(self) -> None:
        """Kill all its processes before one of them can notice: none finishes what it had begun."""
        family = self.family()
        for one in family:
            one.suspend()
        for one in family:
            one.kill()
        psutil.wait_procs(family)

    def ask(self, statement: str) -> int:
        """Send a statement as its owner; return the first value as a number, if there is one."""
        url = paths.database_url(self.var)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            cursor = server.execute(statement)
            row = cursor.fetchone() if cursor.description else None
        return int(row[0]) if row and row[0] else 0

    @property
    def prepared(self) -> int:
        """Count the transactions that are prepared on it and not yet committed."""
        return self.ask(_PREPARED)


class Cluster:
    """The coordinator, and the nodes that have joined it."""

    def __init__(self, var: Path) -> None:
        """Begin without a node; the coordinator starts as the world's server."""
        self._var = var
        self.coordinator = Node(var)
        self.nodes: list[Node] = []

    def form(self, nodes: int) -> None:
        """Have so many nodes."""
        self._equip(self.coordinator)
        self.coordinator.ask(_COORDINATOR)
        if self.coordinator.ask(_HAS_AMCHECK):
            self.coordinator.ask(_AMCHECK)
            self.coordinator.ask(_MAY_CHECK)
        for _ in range(nodes):
            self.add()

    def add(self) -> None:
        """Start one more node, and tell the coordinator of it."""
        node = Node(self._var / f"node{len(self.nodes) + 1}")
        self.nodes.append(node)
        node.start()
        postgres.create_database(node.var)
        self._equip(node)
        self.coordinator.ask(_ADD.format(port=node.port))
        if node.ask(_HAS_AMCHECK):
            node.ask(_MAY_CHECK)  # the extension came by itself

    def recover_after(self, seconds: int) -> None:
        """Have the coordinator look so often for what a lost node left half committed."""
        self.coordinator.ask(_RECOVER.format(seconds=seconds))
        self.coordinator.ask(_RELOAD)

    def _equip(self, node: Node) -> None:
        node.ask(_EXTENSION)
        node.ask(_RECOVER.format(seconds=5))
        node.ask(_RELOAD)

    def stop(self) -> None:
        """Stop the nodes; the world stops its own server."""
        for node in self.nodes:
            node.stop()

    def is_settled(self) -> bool:
        """Tell whether every transaction has been committed, or rolled back, on every node."""
        return not any(node.prepared for node in self.nodes)


def distribute(*, shards: int) -> None:
    """Part the ledger by the product's own command; what this process believed is forgotten."""
    _distribute("--shards", str(shards))


def undo() -> None:
    """Bring it back into one table, likewise."""
    _distribute("--undo")


def _distribute(*options: str) -> None:
    said = StringIO()
    call_command("distribute_ledger", "--yes", *options, stdout=said, stderr=said)
    sharding.is_distributed.cache_clear()
    connections.close_all()


def _command(var: Path, *, port: int) -> list[str]:
    _, *words = postgres.command(var)
    options = [f"-c{name}={value}" for name, value in _OPTIONS.items()]
    return processes.wrapped(
        [f"{PROGRAMS}/postgres", *words, *options, "-p", str(port)],
        dies_by=postgres.DIES_BY,
        account=accounts.server_account(),
    )
