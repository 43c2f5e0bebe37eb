"""What must be so before a version may take over the work: `manage.py preflight` asks it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.checks import WARNING, Tags, run_checks
from django.db import DatabaseError, connection, connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import DeleteModel, RemoveField, RenameField, RenameModel

from cardgen.http.parts import SERVERS, Checkup, State
from generation.models import IssuerRange
from generation.ranges import check_master_key
from toolkit.masking import mask
from toolkit.refusals import UnsafeToGoOn
from toolkit.wording import counted
from uniqueness import sharding

_TAKES_AWAY = (DeleteModel, RemoveField, RenameField, RenameModel)
_PATIENCE = 5.0  # seconds
_MEGABYTE = 1_000_000
_UNFINISHED = (
    "is on its way into shards or out of them. If no distribute_ledger is at work, one was"
    " interrupted: give it again, or with --undo"
)
_TROUBLE = (DatabaseError, OSError, UnsafeToGoOn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what was found."""

    name: str
    told: str
    is_well: bool


def look(*, contracts: bool) -> Iterator[Finding]:
    """Look at every part, one after another; what is not well stops nothing here.

    :param contracts: migrations may take away what the version that runs now reads
    """
    yield from servers()
    yield answered("settings", _settings)
    for name, question in STATE.items():
        yield answered(name, question)
    yield answered("migrations", lambda: _migrations(contracts=contracts))
    connections["owner"].close()


def servers() -> Iterator[Finding]:
    """Look at the servers beside the database."""
    for name, state in Checkup(SERVERS, patience=_PATIENCE).look(tuple(SERVERS)).items():
        yield Finding(name=name, told=state, is_well=state is State.UP)


def answered(name: str, question: Callable[[], str]) -> Finding:
    """Ask for words that tell how a part is; trouble is an answer, too."""
    try:
        return Finding(name=name, told=question(), is_well=True)
    except _TROUBLE as error:
        told = mask(str(error).partition("\n")[0])
        return Finding(name=name, told=told, is_well=False)


def _settings() -> str:
    """Look at settings and routes as `check --deploy` does."""
    told = run_checks(tags=[Tags.security, Tags.urls], include_deployment_checks=True)
    if serious := [one for one in told if one.is_serious(WARNING) and not one.is_silenced()]:
        raise UnsafeToGoOn("; ".join(f"{one.id} {one.msg}" for one in serious))
    return "are safe"


def _database() -> str:
    connection.ensure_connection()
    return f"PostgreSQL {connection.connection.info.server_version // 10_000}"


def _owner() -> str:
    connections["owner"].ensure_connection()
    return "answers"


def _master_key() -> str:
    """See that it is the one whose numbers stand in the ledger; a new database has none yet."""
    if IssuerRange._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001
        return "of a new installation"
    check_master_key()
    return "is the one of the ranges"


def _disk() -> str:
    places = {settings.VAR, settings.CARDGEN_DATABASE_VOLUME or settings.VAR}
    free = min(_free(place) for place in places)
    needed = settings.CARDGEN_DISK_RESERVE_MB
    if free < needed:
        raise UnsafeToGoOn(f"{free:,} MB are free, CARDGEN_DISK_RESERVE_MB are {needed:,}")
    return f"{free:,} MB are free"


def _free(place: Path) -> int:
    return shutil.disk_usage(place).free // _MEGABYTE


def _migrations(*, contracts: bool) -> str:
    """Count those that wait. In a new database nobody reads what they take away."""
    executor = MigrationExecutor(connections["owner"])
    waiting = _waiting(executor)
    taking = [str(one) for one in waiting if _takes_away(one)]
    if taking and executor.loader.applied_migrations and not contracts:
        raise UnsafeToGoOn(
            f"{', '.join(taking)} would take away what the version that runs now may read. First"
            " let a version run that reads it no more; then give --contract"
        )
    return f"{counted(len(waiting), 'migration')} to do" if waiting else "all done"


def waiting_migrations() -> list[Migration]:
    """Return those that are not carried out yet."""
    return _waiting(MigrationExecutor(connections["owner"]))


def _waiting(executor: MigrationExecutor) -> list[Migration]:
    return [one for one, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _takes_away(migration: Migration) -> bool:
    return any(isinstance(operation, _TAKES_AWAY) for operation in migration.operations)


def _ledger() -> str:
    """See that a distributed one has what it needs on every node."""
    if sharding.is_unfinished(connection):
        raise UnsafeToGoOn(_UNFINISHED)
    if not sharding.is_distributed():
        return "is one table"
    roles = sorted({connections[alias].settings_dict["USER"] for alias in ("default", "owner")})
    if found := [*sharding.unmet(connection, roles=roles), *sharding.unset(connection)]:
        raise UnsafeToGoOn("; ".join(one.what for one in found))
    return f"is distributed: {counted(len(sharding.on_shards('SELECT 1')), 'shard')}"


STATE: dict[str, Callable[[], str]] = {
    "database": _database,
    "owner of the tables": _owner,
    "master key": _master_key,
    "disk": _disk,
    "ledger": _ledger,
}
"""How what is kept is: each tells it in words, or raises."""
