"""Layers 1 and 2, page by page: PostgreSQL's amcheck compares the indexes with the rows."""

from django.db import DatabaseError, connection, transaction

from toolkit.database import sqlstate_of
from uniqueness.proof.findings import Check, Offenders
from uniqueness.proof.indexes import INDEXES
from uniqueness.sharding import BY_SLOT, is_distributed, on_shards

_AVAILABLE = "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'"
_CORRUPT = "XX"  # class of SQLSTATE: data or index corrupted
_FORBIDDEN = "42501"
# Nothing at all where the extension is missing.
_MAY_LOOK = """
    SELECT has_function_privilege(to_regprocedure('bt_index_check(regclass, boolean)'), 'execute')
"""
_IS_MISSING = "SELECT to_regprocedure('bt_index_check(regclass, boolean)') IS NULL"
_LOOK = """
    SELECT count(bt_index_check(indexrelid, true))
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = '{table}'::regclass AND starts_with(relname, '{index}')
"""
_NOT_ALLOWED = "this database user may not use amcheck"


def check_structure() -> tuple[Offenders, str]:
    """Have PostgreSQL's amcheck compare both indexes with the table, page by page.

    :returns: what is wrong; and why it was not looked at, empty if it was
    """
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABLE)
        if not cursor.fetchone()[0]:
            return Offenders(), "this PostgreSQL has no amcheck"
    return _of_shards() if is_distributed() else _of_table()


def _of_table() -> tuple[Offenders, str]:
    found = Offenders()
    try:
        for index in INDEXES.values():
            _amcheck(index)
    except DatabaseError as error:
        state = sqlstate_of(error) or ""
        if not state.startswith(_CORRUPT):
            failed = f"amcheck fails (SQLSTATE {state})"
            return Offenders(), _NOT_ALLOWED if state == _FORBIDDEN else failed
        found.add(Check.STRUCTURE, [f"index {index} is corrupt (SQLSTATE {state})"], count=1)
    return found, ""


def _amcheck(index: str) -> None:
    """Use the extension, made for one transaction where there is none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_IS_MISSING)
        if cursor.fetchone()[0]:
            # Not `IF NOT EXISTS`: Citus would refuse even that to a role that may make none.
            cursor.execute("CREATE EXTENSION amcheck")
        cursor.execute("SELECT bt_index_check(%s::regclass, true)", [index])
        transaction.set_rollback(True)


def _of_shards() -> tuple[Offenders, str]:
    """Have each node look at its shards; the extension must be there, for it stays."""
    if why_not := _why_not():
        return Offenders(), why_not
    wrong = [
        f"{shard.name}: {index} is corrupt"
        for index in (INDEXES["pan"], BY_SLOT)
        for shard in on_shards(_LOOK.format(table="%s", index=index))
        if not shard.answered
    ]
    found = Offenders()
    found.add(Check.STRUCTURE, wrong, count=len(wrong))
    return found, ""


def _why_not() -> str:
    """Tell what keeps one of the nodes from looking: that is no sign of damage."""
    told = {shard.told if shard.answered else "away" for shard in on_shards(_MAY_LOOK)}
    if "away" in told:
        return "a node does not answer"
    if "" in told:
        return "the nodes have no amcheck: CREATE EXTENSION amcheck on the coordinator"
    return "" if told <= {"t"} else f"{_NOT_ALLOWED} on every node: docs/scaling.md, Two roles"
