"""Transaction advisory locks. Session locks would leak through PgBouncer's transaction mode."""

from enum import IntEnum

from django.db import connection


class Space(IntEnum):
    """First key of the two-integer lock, so that uses never collide."""

    RANGE = 0x4347_0001
    EXCLUSIONS = 0x4347_0002


def lock_range(range_id: int) -> None:
    """Let one transaction at a time set aside slots in the range; freed at commit or rollback."""
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", Space.RANGE, range_id)


def share_exclusions() -> None:
    """Hold off imports of exclusions until this transaction ends; minters share the lock."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", Space.EXCLUSIONS, 0)


def change_exclusions() -> None:
    """Hold off minting until this transaction ends, so that no excluded number slips past."""
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", Space.EXCLUSIONS, 0)


def _execute(sql: str, space: Space, key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [int(space), key])
