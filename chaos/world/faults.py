"""What makes PostgreSQL itself refuse, each during a block (R19). Nobody need be root."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.db import DatabaseError, connection, transaction

from cardgen.embedded import paths
from chaos.world.world import World

_LEDGER = "uniqueness_ledger"
_ROWS = 20_000
_SETTINGS = {
    "lock_timeout": "300ms",
    "statement_timeout": "40ms",
    # The other method knows no /dev/full: "no such device", XX000, from nine blocks at once.
    "file_extend_method": "write_zeros",
}
_NO_LIMITS = "-c statement_timeout=0 -c lock_timeout=0 -c application_name=chaos"
_PAUSE = 0.05
_THROW_OUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name <> 'chaos'
"""


@contextmanager
def full_disk(world: World) -> Iterator[None]:
    """Let the ledger's file grow, but not its free space map, which is /dev/full meanwhile.

    COPY writes both. The kernel says ENOSPC and PostgreSQL says 53100, as on a full disk. CLUSTER
    gives the ledger a new file, which has no map yet, and locks it until the map is there.
    """
    with _setting(world, "file_extend_method"), _map_of_no_room(world):
        yield


@contextmanager
def _map_of_no_room(world: World) -> Iterator[None]:
    with _owner(world) as owner:
        owner.execute(f"CLUSTER {_LEDGER} USING {_LEDGER}_pkey")
        ((path,),) = owner.execute("SELECT pg_relation_filepath(%s)", [_LEDGER])
        file = paths.postgres_data(world.var) / f"{path}_fsm"
        file.symlink_to("/dev/full")
    try:
        yield
    finally:
        file.unlink()


def measure_disk_full() -> str:
    """Copy rows into the ledger, which must fail; return the SQLSTATE that PostgreSQL gives."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy(f"COPY {_LEDGER} (slot, pan, expiry, cvv) FROM STDIN") as copy:
                for row in range(_ROWS):
                    copy.write_row((9 * 10**18 + row, f"none {row}", "2040-01-31", "000"))
            transaction.set_rollback(True)
    except (DatabaseError, psycopg.Error) as error:
        return str(getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None))
    return "none"


@contextmanager
def locked_ledger(world: World) -> Iterator[None]:
    """Have somebody hold a lock on the ledger, and all others wait for locks but a moment."""
    with _setting(world, "lock_timeout"), _owner(world) as other:
        other.execute(f"LOCK TABLE {_LEDGER} IN SHARE MODE")
        yield


@contextmanager
def short_statements(world: World) -> Iterator[None]:
    """Give all statements of all others less time than a chunk's COPY takes."""
    with _setting(world, "statement_timeout"):
        yield


@contextmanager
def _setting(world: World, name: str) -> Iterator[None]:
    """Change a server setting for running sessions too, those excepted that have set it."""
    try:
        _execute(world, f"ALTER SYSTEM SET {name} = '{_SETTINGS[name]}'")
        yield
    finally:
        _execute(world, f"ALTER SYSTEM RESET {name}")


def _execute(world: World, statement: str) -> None:
    with _owner(world) as owner:
        owner.autocommit = True  # ALTER SYSTEM runs in no transaction
        owner.execute(statement)
        owner.execute("SELECT pg_reload_conf()")


def _owner(world: World) -> psycopg.Connection:
    """Connect as one whom no limit holds up: taking a limit back may last longer than the limit."""
    return psycopg.connect(paths.database_url(world.var), options=_NO_LIMITS)


@contextmanager
def hogged_connections(world: World) -> Iterator[None]:
    """Throw everybody out, again and again, and take every connection that there is."""
    crowd = _Crowd(paths.database_url(world.var))
    crowd.start()
    try:
        yield
    finally:
        crowd.leave()


class _Crowd(threading.Thread):
    """Takes all connections of the server (max_connections) and those that come free."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._ended = threading.Event()
        self._held: list[psycopg.Connection] = []

    def run(self) -> None:
        """Fill the server; when it is full, throw out those who do not belong here."""
        while not self._ended.is_set():
            try:
                self._held.append(
                    psycopg.connect(self._url, application_name="chaos", autocommit=True)
                )
            except psycopg.OperationalError:
                self._held[0].execute(_THROW_OUT)
                time.sleep(_PAUSE)

    def leave(self) -> None:
        """Give all back."""
        self._ended.set()
        self.join()
        for held in self._held:
            with suppress(psycopg.Error):
                held.close()
