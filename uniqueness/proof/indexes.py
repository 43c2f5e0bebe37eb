"""Layers 1 and 2 themselves: do both unique indexes hold every row, each once?

A distributed ledger has a unique index over the number alone, a part of it in each shard. A slot
that is there twice is found by the walk through the chunks (`jobs.proof.cards`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

from toolkit.wording import counted
from uniqueness.proof.findings import SHOWN, Check, Offenders
from uniqueness.sharding import is_distributed, on_shards

INDEXES = {"slot": "uniqueness_ledger_pkey", "pan": "one_card_per_pan"}
THROUGH_TABLE = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
THROUGH_INDEX = ("enable_seqscan", "enable_bitmapscan", "enable_sort")
# The planner of a node hears what is set here, too.
_ON_NODES = "SET LOCAL citus.propagate_set_commands = 'local'"
IN_TABLE = "SELECT count(*) FROM uniqueness_ledger"
IN_INDEX = "SELECT count(*), count(DISTINCT {column}) FROM uniqueness_ledger"
_VALID = """
    SELECT a.attname FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = '{table}'::regclass AND i.indisunique AND i.indisvalid
        AND i.indisready AND i.indnkeyatts = 1 AND i.indpred IS NULL
"""
_REPEATED = """
    SELECT min(slot), max(slot) FROM uniqueness_ledger
    GROUP BY {column} HAVING count(*) > 1 ORDER BY min(slot) LIMIT %s
"""
_AMCHECK_SHARD = """
    SELECT count(bt_index_check(indexrelid, true)) FROM pg_index
    WHERE indrelid = '%s'::regclass AND indisunique
"""
_AMCHECK = "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'"
_CORRUPT = "XX"  # class of SQLSTATE: data or index corrupted
_FORBIDDEN = "42501"


def expected() -> dict[str, str]:
    """Tell the unique indexes that there must be, by their columns."""
    return {"pan": INDEXES["pan"]} if is_distributed() else INDEXES


def check_counts() -> Offenders:
    """Count the rows in the table, and slots and numbers through their indexes; compare."""
    found = Offenders()
    indexes = expected()
    for column in sorted(indexes.keys() - _valid()):
        found.add(Check.UNIQUE, [f"the unique index over {column} is missing"], count=1)
    (rows,) = _counts(IN_TABLE, without=THROUGH_TABLE)
    for column in indexes:
        entries, distinct = _counts(IN_INDEX.format(column=column), without=THROUGH_INDEX)
        if entries != rows:
            names = [f"the table has {counted(rows, 'row')}, the index over {column} {entries:,}"]
            found.add(Check.UNIQUE, names, count=1)
        if distinct != entries:
            found.add(Check.UNIQUE, _repeated(column), count=entries - distinct)
    return found


def check_structure() -> tuple[Offenders, str]:
    """Have PostgreSQL's amcheck compare both indexes with the table, page by page.

    :returns: what is wrong; and why it was not looked at, empty if it was
    """
    with connection.cursor() as cursor:
        cursor.execute(_AMCHECK)
        if not cursor.fetchone()[0]:
            return Offenders(), "this PostgreSQL has no amcheck"
    if is_distributed():
        return _structure_of_shards()
    found = Offenders()
    try:
        for index in INDEXES.values():
            _amcheck(index)
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None) or ""
        if not state.startswith(_CORRUPT):
            who = "this database user may not use amcheck"
            return Offenders(), who if state == _FORBIDDEN else f"amcheck fails (SQLSTATE {state})"
        found.add(Check.STRUCTURE, [f"index {index} is corrupt (SQLSTATE {state})"], count=1)
    return found, ""


def _amcheck(index: str) -> None:
    """Use the extension for one transaction, and leave none behind."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        cursor.execute("SELECT bt_index_check(%s::regclass, true)", [index])
        transaction.set_rollback(True)


def _structure_of_shards() -> tuple[Offenders, str]:
    """Have each node look at its shards; the extension must be there, for it stays."""
    told = on_shards(_AMCHECK_SHARD)
    found = Offenders()
    if any("does not exist" in text for _, well, text in told if not well):
        return found, "the nodes have no amcheck: CREATE EXTENSION amcheck on the coordinator"
    wrong = [f"shard {shard}: one_card_per_pan is corrupt" for shard, well, _ in told if not well]
    found.add(Check.STRUCTURE, wrong, count=len(wrong))
    return found, ""


@contextmanager
def planned(*, without: tuple[str, ...]) -> Iterator[None]:
    """Keep the planner from some ways to read a table, inside the caller's transaction."""
    with connection.cursor() as cursor:
        if is_distributed():
            cursor.execute(_ON_NODES)
        for way in without:
            cursor.execute(f"SET LOCAL {way} = off")
        yield
        for way in without:
            cursor.execute(f"SET LOCAL {way} TO DEFAULT")


def _counts(statement: str, *, without: tuple[str, ...]) -> list[int]:
    with planned(without=without), connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchone())


def _repeated(column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_REPEATED.format(column=column), [SHOWN])
        return [f"one {column} in slots {first} and {last}" for first, last in cursor.fetchall()]


def _valid() -> set[str]:
    """Tell the columns with a whole unique index, in every shard."""
    with connection.cursor() as cursor:
        cursor.execute(_VALID.format(table="uniqueness_ledger"))
        columns = {row[0] for row in cursor.fetchall()}
    if not is_distributed():
        return columns
    return columns.intersection(*({text} for _, _, text in on_shards(_VALID.format(table="%s"))))
