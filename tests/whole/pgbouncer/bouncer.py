"""A real PgBouncer in transaction mode, before the database of this test session."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cardgen.embedded import accounts, paths, processes

_PORT = 6432
_PATIENCE = 10.0
_CONFIGURATION = """
[databases]
* = host={host} port={port}{password}

[pgbouncer]
listen_addr =
listen_port = {own_port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {users}
admin_users = {user}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 200
server_lifetime = {lifetime}
log_connections = 0
log_disconnections = 0
"""


@dataclass(frozen=True, kw_only=True)
class Bouncer:
    """Where it listens, and how many connections of the server's it shares out."""

    folder: Path
    user: str
    database: str
    pool_size: int
    direct: str
    """How the server is reached past it, as libpq reads it."""

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        where = quote(str(self.folder), safe="")
        return f"postgres://{quote(self.user)}@:{_PORT}/{self.database}?host={where}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process of ours needs to work through it."""
        return {"DATABASE_URL": self.url, "CARDGEN_POOLED": "1"}

    def settings(self) -> dict[str, Any]:
        """What Django's own settings of the database become."""
        return {"HOST": str(self.folder), "PORT": str(_PORT), "USER": self.user}

    def tell(self, command: str) -> list[dict[str, Any]]:
        """Give its console a command such as SHOW POOLS."""
        where = {"host": str(self.folder), "port": _PORT, "user": self.user}
        with psycopg.connect(dbname="pgbouncer", autocommit=True, **where) as console:
            cursor = console.cursor(row_factory=psycopg.rows.dict_row)
            cursor.execute(command)
            return cursor.fetchall() if cursor.description else []

    def servers(self) -> list[dict[str, Any]]:
        """List the connections that it holds to the test database."""
        return [row for row in self.tell("SHOW SERVERS") if row["database"] == self.database]

    def answers(self) -> bool:
        try:
            return bool(self.tell("SHOW VERSION"))
        except psycopg.OperationalError:
            return False


@contextmanager
def running(folder: Path, *, pool_size: int, lifetime: int = 3600) -> Iterator[Bouncer]:
    """Run one with so many connections to the server, each closed after `lifetime` seconds.

    It refuses to run as root; then it runs as the user of the embedded servers.
    """
    binary = program()
    sockets = paths.socket_dir(settings.VAR)
    bouncer = Bouncer(
        folder=sockets,
        user=str(connection.settings_dict["USER"] or "postgres"),
        database=str(connection.settings_dict["NAME"]),
        pool_size=pool_size,
        direct=_direct(),
    )
    command = [binary, str(_configure(bouncer, lifetime=lifetime))]
    account = accounts.server_account()
    wrapped = processes.wrapped(command, dies_by=signal.SIGTERM, account=account)
    with (folder / "pgbouncer.log").open("ab") as log:
        child = subprocess.Popen(wrapped, stdout=log, stderr=log, cwd="/", start_new_session=True)
    try:
        _await(bouncer, child, folder / "pgbouncer.log")
        yield bouncer
    finally:
        processes.stop_child(child, ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)))


def program() -> str:
    """Find PgBouncer; without one the test is skipped aloud, in CI it fails."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        message = "no PgBouncer: apt-get install pgbouncer (`make test` does it where it may)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


def _direct() -> str:
    connection.ensure_connection()
    info = connection.connection.info
    return make_conninfo(
        host=info.host, port=info.port, user=info.user, dbname=info.dbname, password=info.password
    )


def _configure(bouncer: Bouncer, *, lifetime: int) -> Path:
    """Write its files beside the sockets, where its user may read them and nobody else."""
    server = conninfo_to_dict(bouncer.direct)
    file, users = bouncer.folder / "pgbouncer.ini", bouncer.folder / "pgbouncer.users"
    text = _CONFIGURATION.format(
        host=server["host"],
        port=server["port"],
        password=f" password={server['password']}" if server.get("password") else "",
        own_port=_PORT,
        folder=bouncer.folder,
        users=users,
        user=bouncer.user,
        pool_size=bouncer.pool_size,
        lifetime=lifetime,
    )
    for path, content in ((file, text), (users, f'"{bouncer.user}" ""\n')):
        path.write_text(content)
        if account := accounts.server_account():
            os.chown(path, account.uid, account.gid)
        path.chmod(0o600)
    return file


def _await(bouncer: Bouncer, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not bouncer.answers():
        alive = child.poll() is None and time.monotonic() < until
        assert alive, log.read_text()[-2000:]
        time.sleep(0.05)
