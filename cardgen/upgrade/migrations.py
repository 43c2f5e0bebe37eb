"""Migrations that were not carried out yet, and those that this code does not know."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations import RunPython

from cardgen.upgrade.locking import held_up

_ROWS = "SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class WHERE relname = ANY(%s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A migration to come: the tables it holds up, with about how many rows, and why.

    `code` says that it runs Python, of which nothing is known.
    """

    name: str
    holds_up: list[tuple[str, int, str]]
    code: bool


def steps() -> Iterator[Step]:
    """Yield what `migrate` would do."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for migration, _ in plan:
        sql = "\n".join(executor.loader.collect_sql([(migration, False)]))
        yield _step(migration, list(held_up(sql)))


def strangers() -> list[str]:
    """Name migrations that were carried out and that this code does not have."""
    loader = MigrationExecutor(connection).loader
    ours = loader.migrated_apps
    found = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    return sorted(f"{app}.{name}" for app, name in found if app in ours)


def _step(migration: Migration, found: list[tuple[str, str]]) -> Step:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [[table for table, _ in found]])
        rows = dict(cursor.fetchall())
    return Step(
        name=f"{migration.app_label}.{migration.name}",
        holds_up=[(table, rows.get(table, 0), why) for table, why in found],
        code=any(isinstance(one, RunPython) for one in migration.operations),
    )
