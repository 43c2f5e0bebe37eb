"""Layers 1 and 2 themselves: do both unique indexes hold every row, each once?

A distributed ledger has a unique index over the number alone, a part of it in each shard. A slot
that is there twice is found by the walk through the chunks (`jobs.proof.cards`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from toolkit.wording import counted
from uniqueness.proof.findings import SHOWN, Check, Offenders, damage_noted
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


def expected() -> dict[str, str]:
    """Tell the unique indexes that there must be, by their columns."""
    return {"pan": INDEXES["pan"]} if is_distributed() else INDEXES


def check_counts() -> Offenders:
    """Count the rows in the table, and slots and numbers through their indexes; compare."""
    found = Offenders()
    indexes = expected()
    for column in sorted(indexes.keys() - _valid()):
        found.add(Check.UNIQUE, [f"the unique index over {column} is missing"], count=1)
    with damage_noted(found, Check.UNIQUE):
        (rows,) = _counts(IN_TABLE, without=THROUGH_TABLE)
        for column in indexes:
            _compare(column, rows, found)
    return found


def _compare(column: str, rows: int, found: Offenders) -> None:
    entries, distinct = _counts(IN_INDEX.format(column=column), without=THROUGH_INDEX)
    if entries != rows:
        names = [f"the table has {counted(rows, 'row')}, the index over {column} {entries:,}"]
        found.add(Check.UNIQUE, names, count=1)
    if distinct != entries:
        found.add(Check.UNIQUE, _repeated(column), count=entries - distinct)


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
    return columns.intersection(*({one.told} for one in on_shards(_VALID.format(table="%s"))))
