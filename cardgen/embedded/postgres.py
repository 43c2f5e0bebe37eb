"""The embedded PostgreSQL: made once, started tuned, reached over a socket only."""

import functools
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from cardgen.embedded import accounts, paths, processes, programs, tuning
from cardgen.embedded.library import utils

NAME = "postgres"
VERSION = 18
DATABASE = "cardgen"
# The postmaster gives orders to its own children: SIGINT is "fast" (roll back, checkpoint, exit),
# SIGQUIT "immediate" (recover at the next start). SIGKILL comes last and is safe too, only rude.
STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
DIES_BY = signal.SIGINT
_POLL = 0.05
_SAY_EVERY = 5.0


class PostgresUnusable(RuntimeError):
    """PostgreSQL cannot be made, started or reached; the message says what to do."""


_CREATE_ROLE = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
_SILENCE = sql.SQL("ALTER ROLE {} SET log_min_messages = 'panic'")


def prepare(var: Path) -> None:
    """Make the data directory if there is none, and see that the server's user reaches everything.

    :raises PostgresUnusable: if initdb fails or the data is of another version
    :raises AccountUnusable: if the server's user cannot reach the data or the program
    """
    account = accounts.server_account()
    data = paths.postgres_data(var)
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    programs.place(installed("postgres"), account, var=var)
    accounts.own(paths.socket_dir(var), account)
    for folder in (paths.socket_dir(var), data.parent):
        accounts.let_reach(folder, account, var=var)
    if not data.exists():
        _initialise(var, account)
    _check_version(data)
    accounts.own(data, account)


def _initialise(var: Path, account: accounts.Account | None) -> None:
    """Run initdb in a draft folder, then rename: an interrupted one is never taken for done."""
    data = paths.postgres_data(var)
    draft = data.with_name(f"{data.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    accounts.own(draft, account)
    done = accounts.run([binary(var, "initdb"), "-D", str(draft), *_INITDB_OPTIONS], account)
    if done.returncode:
        raise PostgresUnusable(f"initdb failed in {draft}: {done.stderr.strip()[-800:]}")
    draft.rename(data)


_INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=trust",  # the socket's folder has mode 0700 and there is no other way in
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # the same everywhere, whatever locales the machine has
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
)


def _check_version(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise PostgresUnusable(f"{data} is no PostgreSQL data directory: move it away") from error
    if found != str(VERSION):
        raise PostgresUnusable(
            f"{data} is of PostgreSQL {found}, this cardgen brings {VERSION}: choose another "
            "VAR=…, or pg_dump it with the old version and restore it into the new one"
        )


def clear(var: Path) -> None:
    """End what a killed owner left running on this data, and drop a pid file that misleads."""
    data = paths.postgres_data(var)
    left = processes.living_in(data, NAME) if data.exists() else []
    pid = processes.pid_in(data / "postmaster.pid")
    processes.end([one for one in left if one.pid == pid], STOP_STEPS)
    # Without their postmaster the others are ending already; they must not outlive our start.
    processes.end(processes.living_in(data, NAME) if left else [], STOP_STEPS[1:])
    _drop_misleading(data / "postmaster.pid")
    _drop_misleading(paths.socket_dir(var) / f"{paths.POSTGRES_SOCKET}.lock")


def _drop_misleading(pid_file: Path) -> None:
    """Remove a pid file whose pid now belongs to another program; PostgreSQL would not start.

    If nobody has that pid the file stays: PostgreSQL looks in it for shared memory still in use.
    """
    pid = processes.pid_in(pid_file)
    if pid is not None and psutil.pid_exists(pid):
        pid_file.unlink(missing_ok=True)


def command(var: Path, *, throwaway: bool = False) -> list[str]:
    """Return the server's command line, to run as `accounts.server_account()`."""
    data = paths.postgres_data(var)
    options = tuning.options(
        memory=tuning.memory(), disk=tuning.free_disk(data), throwaway=throwaway
    )
    options["wal_compression"] = _wal_compression(var)
    options["listen_addresses"] = ""
    options["unix_socket_directories"] = str(paths.socket_dir(var))
    options["unix_socket_permissions"] = "0700"
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return [binary(var, "postgres"), "-D", str(data), *words]


@functools.lru_cache
def _wal_compression(var: Path) -> str:
    """Prefer lz4 (four times cheaper than pglz for the same gain), if this build has it."""
    question = [
        "-D",
        str(paths.postgres_data(var)),
        "-C",
        "wal_compression",
        "-c",
        "wal_compression=lz4",
    ]
    answer = accounts.run([binary(var, "postgres"), *question], accounts.server_account())
    return "lz4" if answer.returncode == 0 else "pglz"


def wait_ready(
    var: Path,
    timeout: float = 600.0,
    *,
    alive: Callable[[], bool] = lambda: True,
    say: Callable[[str], None] = lambda _text: None,
) -> None:
    """Wait until the server takes connections; after a crash it first replays its log, for minutes.

    :raises PostgresUnusable: if `alive` says no, or `timeout` seconds pass
    """
    start = said = time.monotonic()
    while not _is_ready(var):
        now = time.monotonic()
        if not alive():
            raise PostgresUnusable("PostgreSQL ended while starting: its own lines say why")
        if now - start > timeout:
            raise PostgresUnusable(f"PostgreSQL was not ready after {timeout:.0f} s")
        if now - said > _SAY_EVERY:
            said = now
            say(f"PostgreSQL is still recovering from a crash ({now - start:.0f} s)")
        time.sleep(_POLL)


def _is_ready(var: Path) -> bool:
    """Read the state in postmaster.pid: asking by connecting would fill the log with refusals."""
    data = paths.postgres_data(var)
    pid = processes.pid_in(data / "postmaster.pid")
    if pid is None or not processes.lives_in(pid, data, NAME):
        return False
    try:
        lines = (data / "postmaster.pid").read_text().split("\n")
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def create_database(var: Path) -> None:
    """Create database and roles if needed, and keep every statement error of both out of the log.

    Errors reach the program that sent the statement; in the server's log even a first line such as
    `invalid input syntax for type bigint: "…"` may quote a card number. Background processes, whose
    errors nobody else sees, still write theirs.
    """
    with psycopg.connect(paths.database_url(var, "postgres"), autocommit=True) as connection:
        _await_writes(connection)
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if known.rowcount == 0:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [paths.APPLICATION])
        if known.rowcount == 0:
            connection.execute(_CREATE_ROLE.format(sql.Identifier(paths.APPLICATION)))
        for role in (paths.OWNER, paths.APPLICATION):
            connection.execute(_SILENCE.format(sql.Identifier(role)))


def _await_writes(connection: psycopg.Connection, timeout: float = 600.0) -> None:
    """Wait until a server that was restored to a moment has replayed its log and takes writes."""
    until = time.monotonic() + timeout
    while connection.execute("SELECT FROM pg_is_in_recovery() AS still WHERE still").rowcount:
        if time.monotonic() > until:
            raise PostgresUnusable("PostgreSQL takes no writes: it is a standby, promote it")
        time.sleep(_POLL)


def installed(name: str) -> Path:
    """Name one of PostgreSQL's programs, as installed."""
    return Path(utils.POSTGRES_VERSIONS[VERSION]).resolve() / name


def binary(var: Path, name: str) -> str:
    """Name one of PostgreSQL's programs, as the server's user can run it."""
    return str(programs.located(installed(name), var=var))
