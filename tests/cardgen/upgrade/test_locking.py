"""Migrations behind the last release hold up no large table, and a check says which would."""

from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.db.migrations import AddField, AddIndex, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from cardgen.upgrade import held_up
from chaos.world import released
from uniqueness.models import Card


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE INDEX "x" ON "uniqueness_ledger" ("expiry");',
        "CREATE UNIQUE INDEX x ON ONLY uniqueness_ledger USING btree (cvv)",
        'ALTER TABLE "jobs_chunk" ADD CONSTRAINT "c" CHECK ("count" > 0);',
        'ALTER TABLE "jobs_job" ADD CONSTRAINT "c" FOREIGN KEY ("a") REFERENCES "b" ("id");',
        'ALTER TABLE "uniqueness_ledger" ADD CONSTRAINT "c" UNIQUE ("cvv");',
        'ALTER TABLE "jobs_job" ALTER COLUMN "label" TYPE text;',
        'ALTER TABLE "jobs_job" ALTER COLUMN "label" SET NOT NULL;',
        'ALTER TABLE "jobs_job" ADD COLUMN "token" uuid DEFAULT gen_random_uuid() NOT NULL;',
        "-- Backfill\nUPDATE jobs_job SET label = 'a; b' WHERE label IS NULL;",
        "REINDEX TABLE uniqueness_ledger",
        'DROP INDEX "x" ON "uniqueness_ledger"; DELETE FROM uniqueness_exclusion;',
    ],
)  # fmt: skip
def test_what_takes_longer_the_larger_a_table_is_is_found(sql):
    assert [*held_up(sql)]


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE INDEX CONCURRENTLY "x" ON "uniqueness_ledger" ("expiry");',
        'ALTER TABLE "jobs_job" ADD COLUMN "x" varchar(40) DEFAULT \'\' NOT NULL;',
        'ALTER TABLE "jobs_job" ADD CONSTRAINT "c" CHECK ("count" > 0) NOT VALID;',
        'ALTER TABLE "jobs_job" VALIDATE CONSTRAINT "c";',
        "ALTER TABLE jobs_worker ALTER COLUMN name TYPE text; CREATE INDEX x ON jobs_worker (name)",
        'CREATE TABLE "jobs_job" (id int); CREATE INDEX "x" ON "jobs_job" ("id");',
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN; UPDATE jobs_job SET a = 1; END $$;",
    ],
)  # fmt: skip
def test_what_takes_a_moment_is_let_pass(sql):
    assert [*held_up(sql)] == []


def migration_of(operation: Operation) -> Migration:
    kind: type[Migration] = type("MadeUp", (Migration,), {"operations": [operation]})
    return kind("9999_made_up", "uniqueness")


def sql_of(migration: Migration, state: ProjectState) -> str:
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    return "\n".join(editor.collected_sql)


def since_the_last_release() -> Iterator[tuple[str, str]]:
    """Name and SQL of each migration of ours that it did not have."""
    loader = MigrationLoader(connection)
    for app, name in sorted(loader.disk_migrations.keys() - released.migrations()):
        migration = loader.disk_migrations[app, name]
        if not migration.__module__.startswith("django."):
            state = loader.project_state((app, name), at_end=False)
            yield f"{app}.{name}: docs/upgrading.md", sql_of(migration, state)


def test_no_migration_since_the_last_release_holds_up_a_large_table(db):
    for name, sql in since_the_last_release():
        assert [*held_up(sql)] == [], name


def test_the_last_release_can_fill_every_column_that_came_since(db):
    """Django takes a default away again unless it is a `db_default`: old code then cannot write."""
    for name, sql in since_the_last_release():
        assert "DROP DEFAULT" not in sql, name
    new = AddField("card", "note", models.CharField(max_length=9, default=""))
    made = migration_of(new)
    assert "DROP DEFAULT" in sql_of(made, MigrationLoader(connection).project_state())


def test_what_was_released_is_there_still_and_is_not_looked_at_again(db):
    """Nobody has run what came before the first release on a large ledger."""
    assert ("uniqueness", "0004_who_claimed") in released.migrations()
    assert released.migrations() <= MigrationLoader(connection).disk_migrations.keys()


def test_such_a_migration_would_be_found(db):
    state = MigrationLoader(connection).project_state()
    slow = AddIndex("card", models.Index(name="slow", fields=["expiry"]))
    found = held_up(sql_of(migration_of(slow), state))
    assert [table for table, _ in found] == [Card._meta.db_table]
