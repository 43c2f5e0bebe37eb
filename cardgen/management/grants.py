"""What the application's database role may do: rows, and of the audit trail new ones alone."""

from django.db import connections, transaction
from psycopg import sql

_TRAIL = "uniqueness_auditentry"
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
# A database that was migrated but in part has no trail yet.
_TRAIL_IS_THERE = "SELECT FROM pg_class WHERE oid = to_regclass(%s)"
_TRAIL_GRANTS = ("REVOKE UPDATE, DELETE, TRUNCATE ON {trail} FROM {role}",)
# `validate_uniqueness` has PostgreSQL look at its own indexes. Only a superuser can allow it.
_MAY_ALLOW = """
    SELECT FROM pg_available_extensions, pg_roles
    WHERE name = 'amcheck' AND rolname = current_user AND rolsuper
"""
_AMCHECK = (
    "CREATE EXTENSION IF NOT EXISTS amcheck",
    "GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO {role}",
)


def grant(role: str, *, using: str) -> None:
    """Give the role what the application needs, and take away what it must not have.

    :param using: the alias of the owner's connection
    """
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(_TRAIL_IS_THERE, [_TRAIL])
        trail = _TRAIL_GRANTS if cursor.rowcount else ()
        cursor.execute(_MAY_ALLOW)
        amcheck = _AMCHECK if cursor.rowcount else ()
        for statement in (*_GRANTS, *trail, *amcheck):
            names = {"role": sql.Identifier(role), "trail": sql.Identifier(_TRAIL)}
            cursor.execute(sql.SQL(statement).format(**names).as_string(cursor.connection))
