"""What the database holds, as the transaction of the caller sees it."""

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from cardgen.backup.manifest import KeyCheck, Manifest
from generation.models import IssuerRange
from toolkit.database import clock
from uniqueness.pool import cursors


def of_now() -> Manifest:
    """Describe the database for a backup that has no files yet."""
    return Manifest(
        made_at=clock(),
        postgres=server_version(),
        migrations=applied(),
        cards=_cards(),
        positions=cursors.positions(),
        wal=_wal(),
        key_check=_key_check(),
        files={},
    )


def server_version() -> int:
    """Tell PostgreSQL's major version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def applied() -> list[str]:
    """List the migrations that the database has, as `app.name`."""
    return sorted(".".join(one) for one in MigrationRecorder(connection).applied_migrations())


def _cards() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM uniqueness_ledger")
        return int(cursor.fetchone()[0])


def _wal() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        return str(cursor.fetchone()[0])


def _key_check() -> KeyCheck:
    first = IssuerRange.objects.order_by("pk").first()
    if first is None:
        return KeyCheck()
    return KeyCheck(iin=first.iin, pan_length=first.pan_length, value=first.key_check_value)
