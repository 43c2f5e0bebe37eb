"""Whether the ledger lies in one table, or in shards on several servers: the database says so."""

from functools import cache

from django.db import connection

_HAS_CATALOGUE = "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"
_IS_DISTRIBUTED = """
    SELECT EXISTS (SELECT FROM pg_dist_partition
        WHERE logicalrelid = to_regclass('uniqueness_ledger') AND partmethod = 'h')
"""


@cache
def is_distributed() -> bool:
    """Tell whether the ledger is distributed; asked once in each process.

    :raises OperationalError: if the database does not answer
    """
    return _answer(_HAS_CATALOGUE) and _answer(_IS_DISTRIBUTED)


def _answer(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])
