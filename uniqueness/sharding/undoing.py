"""How the ledger comes back into one table, with its primary key.

From shards, from a backup of them, or from what an interrupted distribution has left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from uniqueness.sharding.distributing import BY_SLOT, SETTINGS, Step, carry_out
from uniqueness.sharding.state import is_distributed

_KEY = "uniqueness_ledger_pkey"
_FOUND = f"""
    SELECT quote_ident(current_database()),
        EXISTS (SELECT FROM pg_constraint
            WHERE conrelid = 'uniqueness_ledger'::regclass AND conname = '{_KEY}'),
        EXISTS (SELECT FROM pg_index
            WHERE indexrelid = to_regclass('{_KEY}') AND NOT indisvalid),
        (SELECT relreplident = 'd' FROM pg_class WHERE oid = 'uniqueness_ledger'::regclass),
        to_regclass('{BY_SLOT}') IS NOT NULL,
        ARRAY (SELECT split_part(one, '=', 1)
            FROM pg_db_role_setting s, unnest(s.setconfig) one
            WHERE setrole = 0 AND setdatabase
                = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""  # noqa: S608 (names of ours)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a distribution has changed, as far as it came."""

    database: str
    has_key: bool
    key_is_broken: bool
    known_by_key: bool
    has_slot_index: bool
    settings: list[str]


def steps_back(asking: BaseDatabaseWrapper) -> Iterator[Step]:
    """Tell what is to be undone, in this order; nothing is done by telling it, none: it is so."""
    is_distributed.cache_clear()
    found = _look(asking)
    if is_distributed():
        yield Step(
            "all rows into one table; nobody reads or writes it meanwhile",
            "SELECT undistribute_table('uniqueness_ledger')",
        )
    yield from _key(found)
    if not found.known_by_key:
        yield Step(
            "a row is known by its slot", "ALTER TABLE uniqueness_ledger REPLICA IDENTITY DEFAULT"
        )
    if found.has_slot_index:
        yield Step("without the other index over the slot", f"DROP INDEX IF EXISTS {BY_SLOT}")
    for name in SETTINGS.keys() & found.settings:
        yield Step("for all that connect", f"ALTER DATABASE {found.database} RESET {name}")


def is_unfinished(asking: BaseDatabaseWrapper) -> bool:
    """Tell whether a distribution, or its way back, is under way or was interrupted."""
    is_distributed.cache_clear()
    found = _look(asking)
    return not is_distributed() and (found.has_slot_index or not found.known_by_key)


def _look(asking: BaseDatabaseWrapper) -> _Found:
    with asking.cursor() as cursor:
        cursor.execute(_FOUND)
        return _Found(*cursor.fetchone())


def _key(found: _Found) -> Iterator[Step]:
    if found.has_key:
        return
    if found.key_is_broken:
        yield Step("take away an index that was not finished", f"DROP INDEX {_KEY}")
    yield Step(
        "a unique index over the slot",
        f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {_KEY} ON uniqueness_ledger (slot)",
    )
    yield Step(
        "the primary key is that index",
        f"ALTER TABLE uniqueness_ledger ADD CONSTRAINT {_KEY} PRIMARY KEY USING INDEX {_KEY}",
    )


def make_whole(asking: BaseDatabaseWrapper) -> None:
    """Give a ledger in one table its primary key again: it came from a backup of a distributed one.

    :raises SlotTaken: if a slot has two cards
    """
    for step in list(steps_back(asking)):
        carry_out(asking, step)
