"""One at a time changes how the ledger lies, as a role that may do all of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from toolkit.refusals import Refusal
from uniqueness.locks import Space
from uniqueness.sharding.nodes import Unmet

_TAKE = "SELECT pg_try_advisory_lock(%s, 0)"
_GIVE_BACK = "SELECT pg_advisory_unlock(%s, 0)"
_AT_WORK = (
    "Not done, nothing was changed: another distribute_ledger is at work. If it was killed, its"
    " last statement runs on in the database: `cardgen locks` shows its session. Wait until that"
    " has ended, then do the same again."
)
_RIGHTS = """
    SELECT quote_ident(current_user), quote_ident(datname),
        pg_has_role(relowner, 'USAGE'), pg_has_role(datdba, 'USAGE'),
        has_schema_privilege(relnamespace, 'CREATE'), relnamespace::regnamespace::text
    FROM pg_class, pg_database
    WHERE pg_class.oid = 'uniqueness_ledger'::regclass AND datname = current_database()
"""


class AtWork(Refusal):
    """Another one changes how the ledger lies."""

    code = "unavailable"


@contextmanager
def alone(asking: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold off all others during a block. A session's lock: killed, it lasts as long as its work.

    :raises AtWork: if somebody else is at it
    """
    with asking.cursor() as cursor:
        cursor.execute(_TAKE, [int(Space.SHARDS)])
        if not cursor.fetchone()[0]:
            raise AtWork(_AT_WORK)
    try:
        yield
    finally:
        if asking.is_usable():
            with asking.cursor() as cursor:
                cursor.execute(_GIVE_BACK, [int(Space.SHARDS)])


def lacking(asking: BaseDatabaseWrapper) -> Iterator[Unmet]:
    """Tell what the role of a connection may not do that the steps need."""
    with asking.cursor() as cursor:
        cursor.execute(_RIGHTS)
        role, database, owns_table, owns_database, makes_indexes, schema = cursor.fetchone()
    if not owns_table:
        yield Unmet(
            f"role {role} does not own the table uniqueness_ledger",
            "give the address of the role that does in CARDGEN_OWNER_DATABASE_URL",
        )
    if not owns_database:
        yield Unmet(
            f"role {role} does not own the database {database}, whose settings are changed",
            f"ALTER DATABASE {database} OWNER TO {role}, as superuser",
        )
    if not makes_indexes:
        yield Unmet(
            f"role {role} may make no index in the schema {schema}",
            f"GRANT CREATE ON SCHEMA {schema} TO {role}, as superuser",
        )
