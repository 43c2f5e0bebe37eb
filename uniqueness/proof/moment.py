"""One moment for all reads of an audit, so that jobs may go on and cause no false alarm.

A chunk's cards, its counters and its "done" are committed together; a snapshot has all or none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg import sql

_FROZEN = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def one_moment() -> Iterator[str | None]:
    """Read the same state throughout the block; yield the snapshot's name for other connections.

    Inside a transaction of the caller, that decides what is seen, and there is no name.
    """
    if connection.in_atomic_block:
        yield None
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FROZEN)
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def join(snapshot: str) -> None:
    """Have this thread's connection read the state of that snapshot until it is closed."""
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute(_FROZEN)
        # SET takes no bound values, which a name with many digits would become (bound_numbers).
        cursor.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
