"""While a restore is under way PostgreSQL lets nobody else write, even if the restore was killed.

What is half there is thus never taken for whole: not the rows, and not cursors that still stand
where they stood when the backup was made.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import ProgrammingError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from cardgen.backup.errors import NotRestored

SETTING = "default_transaction_read_only"
_SIGN = "cardgen_restore"
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
_IS_UP = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"
_WORKS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'pg_restore'
"""
# The sign is a schema, for somebody else may have set the setting, on a database in use.
_RAISE = (
    f"CREATE SCHEMA {_SIGN}",
    f"ALTER DATABASE {{database}} SET {SETTING} = on",
)
_LOWER = (
    f"DROP SCHEMA {_SIGN}",
    f"ALTER DATABASE {{database}} RESET {SETTING}",
)
_BEGIN_ANEW = (
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)


@contextmanager
def raised(*, say: Callable[[str], None]) -> Iterator[None]:
    """Have an empty database that nobody but this process writes to, until the block ends well.

    What an earlier restore left that was killed is deleted first. Who is connected already may
    still write.

    :raises NotRestored: if the database is not empty, or is not this role's
    """
    _may_write(connection=connection)
    _have_it_empty(say)
    connection_created.connect(_may_write)
    try:
        yield
    except BaseException:  # Ctrl-C too: what is still empty opens again, what is half stays closed
        if not _count(_TABLES):
            _execute(*_LOWER)
        raise
    finally:
        connection_created.disconnect(_may_write)
    _execute(*_LOWER)


def require_whole() -> None:
    """See that no restore was killed here.

    :raises NotRestored: if one was
    """
    if _count(_IS_UP, _SIGN):
        raise NotRestored("A restore did not come to its end here: restore the backup again.")


def _have_it_empty(say: Callable[[str], None]) -> None:
    if _count(_IS_UP, _SIGN):
        if _count(_WORKS):
            raise NotRestored("pg_restore still works in this database: wait until it has ended.")
        say("an earlier restore did not come to its end: beginning anew")
        _execute(*_BEGIN_ANEW)
    elif tables := _count(_TABLES):
        raise NotRestored(
            f"The database is not empty: it has {tables} tables. Restore into a new one; this one"
            " stays as it is."
        )
    else:
        _execute(*_RAISE)


def _may_write(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION {SETTING} = off")


def _count(question: str, *values: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return int(cursor.fetchone()[0])


def _execute(*statements: str) -> None:
    """Do it all or nothing, as the database's owner.

    :raises NotRestored: if that role is not its owner
    """
    owner = connections["owner"]
    name = owner.ops.quote_name(owner.settings_dict["NAME"])
    _may_write(connection=owner)
    try:
        with transaction.atomic("owner"), owner.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.format(database=name))
    except ProgrammingError as error:
        said = str(error).partition("\n")[0]
        raise NotRestored(
            f"Nobody else may write while a restore is under way, and this role cannot see to that:"
            f" {said}. Restore as the owner of the database (CARDGEN_OWNER_DATABASE_URL)."
        ) from None
