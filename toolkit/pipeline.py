"""Statements that travel together: one way to the database and back for a whole transaction."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, InternalError, OperationalError, connection, transaction
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault
from psycopg import Connection, Cursor, RawCursor

from toolkit.database import driver

Values = Sequence[Any] | Mapping[str, Any]
_VALUE = re.compile(r"%\((\w+)\)s")
Send = Callable[[str, Values], Cursor[Any]]


@contextmanager
def together() -> Iterator[Send]:
    """Send the statements of a transaction, and its commit, at once.

    Answers can be read after the block; who reads one inside waits for it there. The server binds
    the values, so none stands in SQL text; each statement is one command.

    :raises django.db.Error: of the first statement that fails; nothing is written then
    :raises OperationalError: if the connection is lost, whatever the last words on it were: that
        nobody said anything for too long is an InternalError, that all of a sudden there is nobody
        a bare DatabaseError
    """
    to = driver()

    def send(statement: str, values: Values) -> Cursor[Any]:
        if isinstance(values, Mapping):
            text, names = _numbered(statement)
            return RawCursor(to).execute(text, [values[name] for name in names])
        return Cursor(to).execute(statement, values)

    block = _savepoint if connection.in_atomic_block else _transaction
    try:
        with connection.wrap_database_errors, block(to):
            yield send
    except DatabaseError as error:
        if to.closed and type(error) in {DatabaseError, InternalError}:
            raise OperationalError("the connection was lost") from error
        raise


@lru_cache(maxsize=256)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Put `$1`, `$2` in place of `%(names)s`, and tell the names in this order.

    The driver does so at each call when a statement is as long as ours.
    """
    names = tuple(dict.fromkeys(_VALUE.findall(statement)))
    places = {name: f"${place}" for place, name in enumerate(names, start=1)}
    text = _VALUE.sub(lambda found: places[found[1]], statement)
    return text.replace("%%", "%"), names


@contextmanager
def _transaction(to: Connection) -> Iterator[None]:
    """Begin and commit by statements of the trip: the driver's own ways wait for each answer."""
    try:
        with to.pipeline():
            to.execute("BEGIN", prepare=False)
            yield
            to.execute("COMMIT", prepare=False)
    finally:
        if not to.closed:
            to.rollback()  # which does nothing after a commit


@contextmanager
def _savepoint(to: Connection) -> Iterator[None]:
    """Have all answers before the savepoint ends: its release would not wait for them."""
    with transaction.atomic(), to.pipeline():
        yield


class Parts:
    """A statement that grows: `WITH a AS (…), b AS (…) SELECT …`, and the values of its parts.

    All parts see the moment at which the statement began. One that writes takes its rows from an
    earlier one (`RETURNING`): if that has none, nothing is written.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._values: dict[str, Any] = {}

    def add(self, name: str, part: str, values: Mapping[str, Any]) -> None:
        """Add a part; its values are named `%(so)s`, and no two parts name one alike."""
        self._parts.append(f"{name} AS ({part})")
        self._values |= values

    def add_row(self, row: Model, *, source: str, **expressions: str) -> None:
        """Add the insertion of a new row for each row of `source`; `RETURNING id`.

        The part is called as the row's model is: `job`.

        :param expressions: columns whose value is an SQL expression; what has no value yet is left
            to the database
        """
        meta = row._meta  # noqa: SLF001 (Django documents it)
        given: dict[str, Any] = {}
        for field in meta.concrete_fields:
            value = getattr(row, field.attname)
            unset = (value is None and field.primary_key) or isinstance(value, DatabaseDefault)
            if field.column and field.column not in expressions and not unset:
                given[field.column] = field.get_db_prep_save(value, connection)
        names = {column: f"{meta.model_name}_{column}" for column in given}
        columns = ", ".join(f'"{column}"' for column in [*given, *expressions])
        values = ", ".join([*(f"%({name})s" for name in names.values()), *expressions.values()])
        self.add(
            meta.model_name or "",
            f'INSERT INTO "{meta.db_table}" ({columns}) SELECT {values} FROM {source} RETURNING id',  # noqa: S608
            {names[column]: value for column, value in given.items()},
        )

    def statement(self, answer: str) -> tuple[str, dict[str, Any]]:
        """Finish the statement with what it answers, a `SELECT` over the parts."""
        return f"WITH {', '.join(self._parts)} {answer}", self._values
