"""What the database holds: it must be the same after a refused request."""

from django.db import connection

# Spans change by themselves: they lie ready for small orders. R23 counts them against the jobs.
_LEFT_OUT = {"uniqueness_span"}
_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY relname
"""
# Every insert and update writes a new xmin; a delete changes the count.
_STATE = "SELECT '{table}', count(*), {newest} FROM \"{table}\""
_NEWEST = "max(xmin::text::bigint)"
# Their times of use change.
_KEYS = {"access_apikey": "count(revoked_at)"}  # pragma: allowlist secret


class Watched:
    """The tables that are compared, and what they held when it was last asked."""

    def __init__(self) -> None:
        """Ask which there are, and what they hold."""
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            tables = [name for (name,) in cursor.fetchall() if name not in _LEFT_OUT]
        self._query = " UNION ALL ".join(
            _STATE.format(table=name, newest=_KEYS.get(name, _NEWEST)) for name in tables
        )

        self._before = self._read()

    def changed(self) -> list[str]:
        """Name the tables that are not as they were when it was asked before."""
        before, self._before = self._before, self._read()
        return [table for table in before if before[table] != self._before[table]]

    def _read(self) -> dict[str, tuple[int, int]]:
        """Read how many rows each has, and its newest change."""
        with connection.cursor() as cursor:
            cursor.execute(self._query)
            return {table: (rows, newest) for table, rows, newest in cursor.fetchall()}
