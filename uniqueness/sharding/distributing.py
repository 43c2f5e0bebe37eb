"""How the ledger comes into shards, online: jobs go on meanwhile. Each step may be done again."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper

from toolkit.database import sqlstate_of
from toolkit.masking import mask
from toolkit.refusals import Refusal
from toolkit.wording import counted
from uniqueness.sharding.nodes import Unmet

BY_SLOT = "card_by_slot"
"""The index over the slot that a distributed ledger has in place of the primary key."""
SETTINGS = {
    # With 16, the default, each COPY makes as many prepared transactions on every node: 0.80 of the
    # rate of one table in place of 0.92.
    "citus.max_adaptive_executor_pool_size": "1",
}
_PATIENCE = "10s"
_BUSY = (
    f"Not done: others have read the ledger for more than {_PATIENCE}. See who by `cardgen locks`,"
    " then do the same again: it goes on from here."
)
_TAKEN = (
    "Not done: a slot has two cards, so no unique index can be made over the slots."
    " `cardgen validate_uniqueness` names it."
)
_FAILED = (
    "Not done: {words}: {why}. What came before it is done. Mend that, then do the same again, or"
    " `cardgen distribute_ledger --undo`."
)
_TIMED_OUT = "55P03"
_BROKEN = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"
_GIVEN = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
_DATABASE = "SELECT quote_ident(current_database())"


class TableBusy(Refusal):
    """Somebody reads the ledger for so long that its table cannot be changed."""

    code = "unavailable"


class SlotTaken(Refusal):
    """A slot has two cards: no unique index can be made over the slots."""

    code = "slot_taken"


class StepFailed(Refusal):
    """The database refused a step; the ledger is as the steps before it left it."""

    code = "unavailable"


@dataclass(frozen=True, slots=True)
class Step:
    """A statement, and what it is for."""

    words: str
    statement: str


def unset(asking: BaseDatabaseWrapper) -> list[Unmet]:
    """Look whether a connection has the settings that the steps give to all."""
    with asking.cursor() as cursor:
        cursor.execute(_GIVEN, [list(SETTINGS)])
        given = dict(cursor.fetchall())
    return [
        Unmet(f"{name} is {given.get(name)}", f"ALTER DATABASE … SET {name} = {value}")
        for name, value in SETTINGS.items()
        if given.get(name) != value
    ]


def steps(asking: BaseDatabaseWrapper, *, shards: int) -> Iterator[Step]:
    """Tell what is to be done, in this order; nothing is done by telling it."""
    with asking.cursor() as cursor:
        cursor.execute(_BROKEN, [BY_SLOT])
        broken = cursor.fetchone()[0]
        cursor.execute(_DATABASE)
        (database,) = cursor.fetchone()
    if broken:
        yield Step("take away an index that was not finished", f"DROP INDEX {BY_SLOT}")
    yield Step(
        "an index over the slot, which is no longer unique",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {BY_SLOT} ON uniqueness_ledger (slot)",
    )
    yield Step(
        "without the primary key",
        "ALTER TABLE uniqueness_ledger DROP CONSTRAINT IF EXISTS uniqueness_ledger_pkey",
    )
    yield Step(
        "shards know a row by its number",
        "ALTER TABLE uniqueness_ledger REPLICA IDENTITY USING INDEX one_card_per_pan",
    )
    for name, value in SETTINGS.items():
        yield Step("for all that connect", f"ALTER DATABASE {database} SET {name} = {value}")
    yield Step(
        f"{counted(shards, 'shard')} by the number",
        "SELECT create_distributed_table_concurrently("
        f"'uniqueness_ledger', 'pan', shard_count => {shards})",
    )


def carry_out(asking: BaseDatabaseWrapper, step: Step) -> None:
    """Do one of them; whoever waits for it waits some seconds and no more.

    :raises TableBusy: if the table cannot be had, with nothing done
    :raises SlotTaken: if a slot has two cards
    :raises StepFailed: if the database refuses it; it says why
    """
    with asking.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_PATIENCE])
        try:
            cursor.execute(step.statement)
        except IntegrityError:
            raise SlotTaken(_TAKEN) from None
        except DatabaseError as error:
            state = sqlstate_of(error)
            if state is None:
                raise  # the connection was lost
            if state == _TIMED_OUT:
                raise TableBusy(_BUSY) from None
            why = mask(str(error).partition("\n")[0])
            raise StepFailed(_FAILED.format(words=step.words, why=why)) from None
