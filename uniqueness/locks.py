"""Transaction advisory locks. Session locks would leak through PgBouncer's transaction mode."""

from enum import IntEnum

from django.db import connection

ABANDONED_SECONDS = 60
"""A process that is frozen with a lock in hand loses it, and its transaction, after so long."""
_LIMIT = "set_config('idle_in_transaction_session_timeout', '{}s', true)"


class Space(IntEnum):
    """First key of the two-integer lock, so that uses never collide."""

    RANGE = 0x4347_0001
    EXCLUSIONS = 0x4347_0002
    FILTERS = 0x4347_0003
    ADDERS = 0x4347_0004
    RECONCILER = 0x4347_0005
    USER_QUOTA = 0x4347_0006
    KEY_QUOTA = 0x4347_0007
    REMOVERS = 0x4347_0008
    TRAIL = 0x4347_0009  # taken by a trigger of the audit trail, last of all
    ANOMALIES = 0x4347_0010
    SHARDS = 0x4347_0011  # a session's (uniqueness/sharding/guard.py), never through PgBouncer


def lock_quota(space: Space, holder_id: int) -> None:
    """Let one transaction at a time order for a limited user or key. Comes before every other lock.

    :param space: USER_QUOTA or KEY_QUOTA; who needs both takes them in this order
    """
    _lock(space, holder_id % 2**31)


def lock_range(range_id: int) -> None:
    """Let one transaction at a time set aside slots in the range; freed at commit or rollback."""
    _lock(Space.RANGE, range_id)


def add_exclusions() -> None:
    """Let one transaction at a time write exclusions. Of what follows quotas, this comes first.

    Whoever wrote under `change_exclusions` alone could wait for a number that an import has
    inserted, or a removal deleted, which waits for that lock.
    """
    _lock(Space.ADDERS, 0)


def remove_exclusions() -> None:
    """Let one transaction at a time delete or change exclusions; comes between those around it.

    Whoever registers a range places old exclusions under `change_exclusions`, and must not wait
    there for one that a removal has deleted, or an upgrade published: they wait for that lock.
    """
    _lock(Space.REMOVERS, 0)


def share_exclusions() -> None:
    """Hold off imports of exclusions until this transaction ends; minters share the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [int(Space.EXCLUSIONS)])


def change_exclusions() -> None:
    """Hold off minting until this transaction ends, so that no excluded number slips past."""
    _lock(Space.EXCLUSIONS, 0)


def try_filter(window: int) -> bool:
    """Hold off minting in a window until this transaction ends, unless somebody mints there now.

    It never waits: whoever waits for this lock would have the minters behind it wait too.
    """
    limit = _LIMIT.format(ABANDONED_SECONDS)
    sql = f"SELECT {limit}, pg_try_advisory_xact_lock(%s, hashint8(%s))"
    with connection.cursor() as cursor:
        cursor.execute(sql, [int(Space.FILTERS), window])
        return bool(cursor.fetchone()[1])


def _lock(space: Space, key: int) -> None:
    limit = _LIMIT.format(ABANDONED_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {limit}, pg_advisory_xact_lock(%s, %s)", [int(space), key])
