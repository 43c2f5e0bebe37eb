"""The database, whatever the way to it: COPY in, binary reads, and how it is known to be away."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What is raised while the database does not answer or gives no connection, by Django, the driver
and the pool (whose PoolTimeout is an OperationalError of the driver)."""
_TIMES_UNTIL_PLANNED = 5
EPOCH = np.datetime64("2000-01-01", "D")
"""What PostgreSQL counts the days of a date from, in its binary format."""


def refused_by(error: IntegrityError) -> str:
    """Name the constraint that refused a row, without quoting the row."""
    return _told(error, "constraint_name") or "a constraint without a name"


def table_of(error: IntegrityError) -> str | None:
    """Name the table whose row was refused."""
    return _told(error, "table_name")


def _told(error: IntegrityError, what: str) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, what, None)


def copy_in(statement: str, rows: bytes) -> None:
    """Send rows in the statement's format, inside the caller's transaction.

    :raises psycopg.Error: if the server refuses them; its message may quote a row
    :raises OperationalError: if the connection is lost meanwhile
    """
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(rows)
    except ValueError as error:
        # PgBouncer tells of a lost server connection twice, and psycopg expects one result.
        if connection.is_usable():
            raise
        raise OperationalError("the connection was lost in mid COPY") from error


def driver() -> psycopg.Connection:
    """Return Django's connection as the driver's, open.

    After so many times the server keeps the plan of a statement, unless PgBouncer gives each
    transaction another server.
    """
    connection.ensure_connection()
    found: psycopg.Connection = connection.connection
    found.prepare_threshold = None if settings.CARDGEN_POOLED else _TIMES_UNTIL_PLANNED
    return found


def read_binary(
    statement: str, parameters: Sequence[Any] | Mapping[str, Any], *, often: bool = False
) -> list[Any]:
    """Fetch the rows of a statement in the binary format, its values bound on the server.

    Django's own cursors bind on the client's side, which knows no binary results.

    :param often: nearly every request asks it, for one row: the server may keep its plan, which
        does not look at the values
    """
    prepare = None if often else False
    with connection.wrap_database_errors, psycopg.Cursor(driver()) as cursor:
        return cursor.execute(statement, parameters, prepare=prepare, binary=True).fetchall()
