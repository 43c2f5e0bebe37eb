"""What the database holds: it must be the same after a refused request."""

from django.db import connection

# Changed by every request, or by none alone: when a key was used, what lies ready for small
# orders, and the ledger, whose cards R23 counts against their jobs.
_LEFT_OUT = {"access_apikey", "uniqueness_ledger", "uniqueness_span", "django_session"}
_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY relname
"""
# Every insert and update writes a new xmin; a delete changes the count.
_STATE = "SELECT '{table}', count(*), max(xmin::text::bigint) FROM \"{table}\""

State = dict[str, tuple[int, int]]


class Watched:
    """The tables that are compared."""

    def __init__(self) -> None:
        """Ask once which there are."""
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            tables = [name for (name,) in cursor.fetchall() if name not in _LEFT_OUT]
        self._query = " UNION ALL ".join(_STATE.format(table=name) for name in tables)

    def state(self) -> State:
        """Read how many rows each has, and its newest change."""
        with connection.cursor() as cursor:
            cursor.execute(self._query)
            return {table: (rows, newest) for table, rows, newest in cursor.fetchall()}


def changed(before: State, after: State) -> list[str]:
    """Name the tables that are not the same."""
    return [table for table in before if before[table] != after[table]]
