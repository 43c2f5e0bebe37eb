"""The database, whatever the way to it: COPY in, binary reads, and how it is known to be away."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from django.db import InterfaceError, OperationalError, connection

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What is raised while the database does not answer or gives no connection, by Django, the driver
and the pool (whose PoolTimeout is an OperationalError of the driver)."""
EPOCH = np.datetime64("2000-01-01", "D")
"""What PostgreSQL counts the days of a date from, in its binary format."""


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


def read_binary(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """Fetch the rows of a statement in the binary format, its values bound on the server.

    Django's own cursors bind on the client's side, which knows no binary results, and has the
    server plan each statement anew. For what every request asks, that was most of the time.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, binary=True).fetchall()
