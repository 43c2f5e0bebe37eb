"""The application's database role reads and writes rows, and of the trail it adds some alone."""

import subprocess
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from cardgen.backup import creating
from cardgen.embedded import paths, postgres
from cardgen.management.grants import grant

ENTRY = "INSERT INTO uniqueness_auditentry (actor, via, action, subject, reason)"
REFUSED = [
    "DELETE FROM uniqueness_auditentry",
    "UPDATE uniqueness_auditentry SET reason = 'x'",
    "TRUNCATE uniqueness_auditentry",
    "ALTER TABLE uniqueness_auditentry DISABLE TRIGGER ALL",
    "DROP TABLE uniqueness_auditentry",
    "DROP TRIGGER audit_trail_only_grows ON uniqueness_auditentry",
    "CREATE OR REPLACE FUNCTION uniqueness_audit_refuse() RETURNS trigger LANGUAGE sql AS ''",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "TRUNCATE uniqueness_ledger",
    "CREATE TABLE of_mine ()",
    "CREATE SCHEMA of_mine",
    "CREATE ROLE another",
    "ALTER ROLE cardgen_app SUPERUSER",
    "DELETE FROM django_migrations",
    "COPY uniqueness_pool TO PROGRAM 'id'",
    "COPY uniqueness_pool FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
]


@pytest.fixture
def application(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection to the test database, as the application has it."""
    grant(paths.APPLICATION, using="default")
    name = str(connection.settings_dict["NAME"])
    url = paths.database_url(settings.VAR, name, role=paths.APPLICATION)
    with psycopg.connect(url, autocommit=True) as found:
        yield found


@pytest.mark.parametrize("statement", REFUSED)
def test_what_the_application_must_not_do_is_refused(application, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)


def test_the_application_reads_the_trail_and_adds_to_it(application):
    application.execute(f"{ENTRY} VALUES ('ann', 'api', 'test', 'this', 'a test of roles')")
    row = application.execute("SELECT actor, octet_length(digest) FROM uniqueness_auditentry")
    assert row.fetchall() == [("ann", 32)]


def test_the_application_can_back_up(application, tmp_path):
    """So the unit that does it needs no other role."""
    url = paths.database_url(settings.VAR, application.info.dbname, role=paths.APPLICATION)
    file = tmp_path / "database.dump"
    command = [postgres.installed("pg_dump"), *creating.OPTIONS, f"--file={file}", url]
    subprocess.run(command, check=True)
    assert file.stat().st_size > 0


def test_the_application_has_tables_for_a_while(application):
    application.execute("CREATE TEMPORARY TABLE a_while (a int); ANALYZE a_while")
    assert application.execute("SELECT count(*) FROM a_while").fetchall() == [(0,)]


def test_a_fresh_installation_serves_as_the_application():
    assert settings.DATABASES["owner"]["USER"] == paths.OWNER
    url = paths.database_url(settings.VAR, "postgres", role=paths.APPLICATION)
    with psycopg.connect(url) as found:
        told = found.execute(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert told.fetchall() == [(False,)]


@pytest.mark.django_db
def test_a_database_that_is_migrated_in_part_is_granted_too():
    """`migrate auth` on an empty database stops before the trail is there."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE uniqueness_auditentry RENAME TO uniqueness_not_yet")
        grant(paths.APPLICATION, using="default")
        cursor.execute("SELECT has_table_privilege(%s, 'auth_user', 'INSERT')", [paths.APPLICATION])
        assert cursor.fetchone() == (True,)
