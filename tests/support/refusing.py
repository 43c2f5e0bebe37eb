"""Have the ledger refuse cards with any SQLSTATE and words, by a trigger of the database's own."""

from django.db import connection

# A sequence counts on where a transaction is rolled back.
_FUNCTION = """
    CREATE SEQUENCE IF NOT EXISTS refused;
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF nextval('refused') <= {times} THEN
            RAISE EXCEPTION '{words}' USING ERRCODE = '{code}';
        END IF;
        RETURN NULL;
    END $$
"""
_ALWAYS = 1_000_000
_TRIGGER = """
    CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON uniqueness_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse()
"""


def break_ledger(code: str, words: str = "no", *, times: int = _ALWAYS) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION.format(code=code, words=words, times=times))
        cursor.execute(_TRIGGER)


def mend_ledger() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON uniqueness_ledger; DROP SEQUENCE refused")
