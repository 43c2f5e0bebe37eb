"""Empty the tables after a test that commits, and no others.

Django empties all and has `migrate` write content types, permissions and roles anew: 0.2 s a test.
Most tests leave rows in few tables, and change nothing of what `migrate` writes.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.support import forgetting
from uniqueness.sharding import is_distributed

# What `migrate` writes, each behind those that it points to.
_KEPT = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
_SAVE = "CREATE SCHEMA kept; " + "".join(
    f"CREATE TABLE kept.{table} AS TABLE {table};" for table in _KEPT
)
_LOAD = "".join(f"INSERT INTO {table} TABLE kept.{table};" for table in _KEPT)
# Nearly each table points to it, and TRUNCATE would empty them all; a test has some rows there.
_USERS = "auth_user"
_HAS_ROWS = "SELECT '{0}' WHERE EXISTS (SELECT 1 FROM {0})"
# Their rows are deleted: TRUNCATE makes a file for each index anew, 200 of them.
_ARE_SMALL = (
    "SELECT name FROM unnest(%s::text[]) AS name WHERE pg_relation_size(name::regclass) < 8000000"
)
# Nobody deletes rows of it, whatever the role of the session.
_TRAIL = "uniqueness_auditentry"
_NO_TRIGGERS = "SET LOCAL session_replication_role = replica"
_IS_CHANGED = """
    SELECT '{0}' WHERE EXISTS (TABLE {0} EXCEPT TABLE kept.{0})
        OR EXISTS (TABLE kept.{0} EXCEPT TABLE {0})
"""


def keep() -> None:
    """Remember what `migrate` wrote, and have tests that commit empty the tables by `empty`."""
    with connection.cursor() as cursor:
        cursor.execute(_SAVE)
    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]


def empty(_test: TransactionTestCase | None = None) -> None:
    """Leave each table as Django would: empty, or as `migrate` leaves it.

    What was committed, other processes have seen: the cache server may hold it.
    """
    forgetting.server.is_empty = False
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(), connection.cursor() as cursor:
        # Whatever a server of the test still writes is waited for, as TRUNCATE of all would.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        left = _left(cursor, tables)
        if changed := left & {*_KEPT}:
            left |= {*_KEPT}
        _clear(cursor, left)
        if changed:
            cursor.execute(_LOAD)
            ContentType.objects.clear_cache()


def _clear(cursor: Any, tables: set[str]) -> None:
    small = _small(cursor, tables - {_TRAIL})
    if large := tables - small - {_USERS}:
        cursor.execute(f"TRUNCATE {', '.join(sorted(large))} CASCADE")
    cursor.execute(_NO_TRIGGERS)
    for table in {*small, _USERS}:
        cursor.execute(f"DELETE FROM {table}")


def _small(cursor: Any, tables: set[str]) -> set[str]:
    """Name those in which a few rows are left; on a distributed ledger, none."""
    if is_distributed():
        return set()
    cursor.execute(_ARE_SMALL, [[*tables]])
    return {name for (name,) in cursor.fetchall()}


def _left(cursor: Any, tables: list[str]) -> set[str]:
    """Name the tables in which a test has left something."""
    asked = [(_IS_CHANGED if table in _KEPT else _HAS_ROWS).format(table) for table in tables]
    cursor.execute(" UNION ALL ".join(asked))
    return {table for (table,) in cursor.fetchall()}
