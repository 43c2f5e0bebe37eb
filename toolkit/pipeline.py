"""Statements that travel together: one way to the database and back for all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault
from psycopg import Cursor

from toolkit.database import driver

Values = Sequence[Any] | Mapping[str, Any]
Send = Callable[[str, Values], Cursor[Any]]


@contextmanager
def together() -> Iterator[Send]:
    """Send statements of the caller's transaction at once; answers can be read after the block.

    The server binds the values, so none stands in SQL text; each statement is one command.

    :raises django.db.Error: of the first statement that fails; those behind it are not carried out
    """
    to = driver()

    def send(statement: str, values: Values) -> Cursor[Any]:
        return Cursor(to).execute(statement, values)

    with connection.wrap_database_errors, to.pipeline():
        yield send


def insertion(row: Model, **expressions: str) -> tuple[str, list[Any]]:
    """Write the statement for a new row, and its values.

    :param expressions: columns whose value is an SQL expression; what has no value yet is left to
        the database
    """
    given: dict[str, Any] = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001 (Django documents it)
        value = getattr(row, field.attname)
        unset = (value is None and field.primary_key) or isinstance(value, DatabaseDefault)
        if field.column and field.column not in expressions and not unset:
            given[field.column] = field.get_db_prep_save(value, connection)
    columns = ", ".join(f'"{column}"' for column in [*given, *expressions])
    values = ", ".join([*["%s"] * len(given), *expressions.values()])
    table = row._meta.db_table  # noqa: SLF001
    return f'INSERT INTO "{table}" ({columns}) VALUES ({values})', [*given.values()]  # noqa: S608
