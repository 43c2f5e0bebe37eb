"""The database, whatever the way to it: COPY in, binary reads, and how it is known to be away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What is raised while the database does not answer or gives no connection, by Django, the driver
and the pool (whose PoolTimeout is an OperationalError of the driver)."""
# SQLSTATE (PostgreSQL, appendix A): the connection was lost, the server ends or starts, has no free
# connection, or takes no writes, as a standby that is not promoted yet.
_OUTAGE = ("08", "57P0", "53300", "25006")


class ShardMoved(psycopg.OperationalError):
    """The rows' place in a distributed table became another meanwhile; asked again, it is known."""


# A distributed ledger passes on what a node said in COPY, without the SQLSTATE.
_WORDS = (
    ("duplicate key value violates unique constraint", psycopg.errors.UniqueViolation),
    ("terminating connection", psycopg.OperationalError),
    ("server closed the connection", psycopg.OperationalError),
    ("connection to the remote node", psycopg.OperationalError),
    ("the database system is", psycopg.OperationalError),
    # It is being distributed, or a shard is moving.
    ("could not find valid entry for shard", ShardMoved),
)
_TIMES_UNTIL_PLANNED = 5
EPOCH = np.datetime64("2000-01-01", "D")
"""What PostgreSQL counts the days of a date from, in its binary format."""


def sqlstate_of(error: Exception) -> str | None:
    """Give the SQLSTATE of Django's or the driver's error; None if the server told none."""
    driver = error.__cause__ if isinstance(error, DatabaseError) else error
    state = getattr(driver, "sqlstate", None)
    return state if isinstance(state, str) else None


def is_outage(error: Exception) -> bool:
    """Tell whether the database was away: restart, promotion, pooler, network.

    Such an error says nothing about what was asked: asked again, it may well succeed.
    """
    state = sqlstate_of(error)
    return isinstance(error, AWAY) if state is None else state.startswith(_OUTAGE)


def clock() -> datetime:
    """Tell the time by the database's clock, which all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    return told


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
    :raises ShardMoved: if the table is being distributed, or one of its shards has moved
    :raises OperationalError: if the connection is lost meanwhile
    """
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(rows)
    except psycopg.errors.InternalError_ as error:
        raise _with_its_kind(error) from None
    except ValueError as error:
        # PgBouncer tells of a lost server connection twice, and psycopg expects one result.
        if connection.is_usable():
            raise
        raise OperationalError("the connection was lost in mid COPY") from error


def _with_its_kind(error: psycopg.errors.InternalError_) -> psycopg.Error:
    """Know an error by its words; the new one has none, for they may quote a row."""
    said = error.diag.message_primary or ""
    kinds = (kind for words, kind in _WORDS if said.startswith(words))
    return next((kind() for kind in kinds), error)


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
