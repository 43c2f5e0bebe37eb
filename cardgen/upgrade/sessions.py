"""Who holds locks of our tables: what a migration may wait for.

What a session asks is never read: card numbers may stand in it.
"""

from dataclasses import dataclass

from django.db import ProgrammingError, connections

from toolkit.refusals import Mistake, Refusal

_SESSIONS = """
    SELECT a.pid, a.usename, coalesce(a.state, 'hidden'),
        coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::int,
        array_agg(DISTINCT c.relname::text ORDER BY c.relname::text)
    FROM pg_stat_activity a JOIN pg_locks l USING (pid) JOIN pg_class c ON c.oid = l.relation
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND l.granted
        AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    GROUP BY a.pid, a.usename, a.state, a.xact_start
    ORDER BY a.xact_start
"""


class NoSuchSession(Mistake):
    """There is no such session, or it holds no lock."""


class SessionOfOthers(Refusal):
    """Who is neither a superuser nor a member of its role may not end it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session in a transaction, for how many seconds, and what tables it locks.

    State and seconds of other roles' sessions are hidden from an owner who is no superuser.
    """

    pid: int
    user: str
    state: str
    seconds: int
    tables: list[str]


def lock_holders() -> list[Session]:
    """List those that hold locks, the oldest first, as the owner of the tables may see them."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_SESSIONS)
        names = Session.__slots__
        return [Session(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def end_session(pid: int) -> Session:
    """End a session: its transaction is rolled back.

    :raises NoSuchSession: if it holds no lock any more
    :raises SessionOfOthers: if it belongs to a role that the owner may not end
    """
    found = next((one for one in lock_holders() if one.pid == pid), None)
    if found is None:
        raise NoSuchSession(f"no session {pid} holds a lock of a table")
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    except ProgrammingError:
        raise SessionOfOthers(
            f"the owner of the tables may not end sessions of {found.user}: ask a superuser"
        ) from None
    return found
