"""COPY into a table, whatever the way to the server."""

from django.db import OperationalError, connection


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
