"""Why an attempt failed, in words that a tester understands and that quote no row."""

from django.db import DatabaseError
from psycopg import Error as DriverError

from toolkit.database import sqlstate_of

# SQLSTATE (PostgreSQL, appendix A), the longest prefix first.
_WORDS = {
    "53100": "the database's disk is full",
    "53200": "the database is out of memory",
    "53300": "the database has no free connection",
    "55P03": "another task held a lock for too long",
    "57P01": "the database ended the connection",
    "57014": "the database took too long and gave up",
    "40P01": "it clashed with another task (deadlock)",
    "23": "the database refused a row",
    "25": "the database ended the transaction, or takes no writes",
    "40": "it clashed with another task",
    "57": "the database was being stopped",
    "58": "the database could not use its files",
    "08": "the connection to the database was lost",
}
_LOST = "the connection to the database was lost"


def in_words(error: Exception) -> str:
    """Say what went wrong; the SQLSTATE follows, for those who run the database.

    Of an error that is not the database's only the kind is told: its message may quote a number.
    """
    if not isinstance(error, DatabaseError | DriverError):
        return f"an internal error ({type(error).__name__})"
    driver = error.__cause__ if isinstance(error, DatabaseError) else error
    state = sqlstate_of(error)
    if state is None:
        return f"{_LOST} ({type(error).__name__})"
    words = next((words for prefix, words in _WORDS.items() if state.startswith(prefix)), None)
    rule = driver.diag.constraint_name if isinstance(driver, DriverError) else None
    told = f"{state}, {rule}" if rule else state
    return f"{words or 'the database reported an error'} (SQLSTATE {told})"
