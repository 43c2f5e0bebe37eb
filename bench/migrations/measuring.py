"""Make the tables of the last release, fill them, migrate, and try what the rules say."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from bench.migrations.filling import fill
from bench.migrations.writer import Writer
from cardgen.upgrade import held_up
from chaos.world import released
from generation.models import IssuerRange, Tier

_LEDGER = "uniqueness_ledger"
TRIED = {
    "a column with a constant default": (
        f"ALTER TABLE {_LEDGER} ADD COLUMN tried varchar(40) NOT NULL DEFAULT ''"
    ),
    "a constraint, NOT VALID": (
        f"ALTER TABLE {_LEDGER} ADD CONSTRAINT later CHECK (cvv <> '') NOT VALID"
    ),
    "VALIDATE that constraint": f"ALTER TABLE {_LEDGER} VALIDATE CONSTRAINT later",
    "an index, CONCURRENTLY": f"CREATE INDEX CONCURRENTLY beside ON {_LEDGER} (expiry)",
    "an index": f"CREATE INDEX plain ON {_LEDGER} (expiry)",
    "a constraint": f"ALTER TABLE {_LEDGER} ADD CONSTRAINT at_once CHECK (cvv <> '')",
}
"""Changes of the ledger, those last that `cardgen.upgrade` would stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A change: the seconds that it took, and those that a writer waited at most."""

    what: str
    seconds: float
    waited: float
    stopped: bool = False


def measure(*, rows: int, jobs: int) -> list[Measured]:
    """Return the migrations since the last release, in their order, then what was tried.

    :param rows: cards, and as many exclusions
    """
    _make_tables()
    tables = {_LEDGER: rows, "uniqueness_exclusion": rows, "jobs_job": jobs, "jobs_chunk": jobs}
    fill(tables)
    writer = Writer(list(tables))
    writer.start()
    try:
        return [*_migrations(writer), *_statements(writer)]
    finally:
        writer.end()


def table(found: list[Measured]) -> str:
    """Write it for people."""
    lines = [
        f"| {one.what} | {one.seconds:,.2f} s | {one.waited:,.2f} s |"
        f" {'stops it' if one.stopped else 'lets it pass'} |"
        for one in found
    ]
    head = ["| change | took | a writer waited at most | `check_upgrade` |", "|---|---|---|---|"]
    return "\n".join([*head, *lines])


def _make_tables() -> None:
    """Migrate as far as the last release did."""
    last = dict(sorted(released.migrations()))
    MigrationExecutor(connections["owner"]).migrate(list(last.items()))
    User.objects.using("owner").create(username="bench")
    IssuerRange.objects.using("owner").create(
        scheme="visa", iin="400000", pan_length=16, tier=Tier.SCHEME_TEST
    )


def _migrations(writer: Writer) -> Iterator[Measured]:
    """Do all that `migrate` would do."""
    executor = MigrationExecutor(connections["owner"])
    loader = executor.loader
    state = loader.project_state(list(loader.applied_migrations))
    ours = {app for app, _ in released.migrations()}
    targets = [node for node in loader.graph.leaf_nodes() if node[0] in ours]
    for migration, _ in executor.migration_plan(targets):
        with _timed(writer, str(migration)) as found:
            state = executor.apply_migration(state, migration)
        yield from found


def _statements(writer: Writer) -> Iterator[Measured]:
    for what, statement in TRIED.items():
        stopped = bool([*held_up(f"{statement};")])
        with _timed(writer, what, stopped=stopped) as found, connections["owner"].cursor() as owner:
            owner.execute(statement)
        yield from found


@contextmanager
def _timed(writer: Writer, what: str, *, stopped: bool = False) -> Iterator[list[Measured]]:
    """Measure a block; the list has the result when it has ended."""
    found: list[Measured] = []
    with writer.watched() as wait:
        began = time.perf_counter()
        yield found
        seconds = time.perf_counter() - began
    sys.stderr.write(f"{what}: {seconds:.2f} s\n")
    found.append(Measured(what=what, seconds=seconds, waited=wait.seconds, stopped=stopped))
