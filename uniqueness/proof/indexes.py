"""Layers 1 and 2 themselves: do both unique indexes hold every row, each once?"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

from toolkit.wording import counted
from uniqueness.proof.findings import SHOWN, Check, Offenders

INDEXES = {"slot": "uniqueness_ledger_pkey", "pan": "one_card_per_pan"}
THROUGH_TABLE = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
THROUGH_INDEX = ("enable_seqscan", "enable_bitmapscan", "enable_sort")
IN_TABLE = "SELECT count(*) FROM uniqueness_ledger"
IN_INDEX = "SELECT count(*), count(DISTINCT {column}) FROM uniqueness_ledger"
_VALID = """
    SELECT a.attname FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = 'uniqueness_ledger'::regclass AND i.indisunique AND i.indisvalid
        AND i.indisready AND i.indnkeyatts = 1 AND i.indpred IS NULL
"""
_REPEATED = """
    SELECT min(slot), max(slot) FROM uniqueness_ledger
    GROUP BY {column} HAVING count(*) > 1 ORDER BY min(slot) LIMIT %s
"""
_AMCHECK = "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'"
_CORRUPT = "XX"  # class of SQLSTATE: data or index corrupted
_FORBIDDEN = "42501"


def check_counts() -> Offenders:
    """Count the rows in the table, and slots and numbers through their indexes; compare."""
    found = Offenders()
    for column in sorted(INDEXES.keys() - _valid()):
        found.add(Check.UNIQUE, [f"the unique index over {column} is missing"], count=1)
    (rows,) = _counts(IN_TABLE, without=THROUGH_TABLE)
    for column in INDEXES:
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


@contextmanager
def planned(*, without: tuple[str, ...]) -> Iterator[None]:
    """Keep the planner from some ways to read a table, inside the caller's transaction."""
    with connection.cursor() as cursor:
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
    with connection.cursor() as cursor:
        cursor.execute(_VALID)
        return {row[0] for row in cursor.fetchall()}
