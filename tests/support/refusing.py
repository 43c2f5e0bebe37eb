"""Have the ledger refuse cards with any SQLSTATE and words, by a trigger of the database's own."""

from django.db import connection

_FUNCTION = """
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END $$
"""
_TRIGGER = """
    CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON uniqueness_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse()
"""


def break_ledger(code: str, words: str = "no") -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION.format(code=code, words=words))
        cursor.execute(_TRIGGER)


def mend_ledger() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON uniqueness_ledger")
