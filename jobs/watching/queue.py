"""The queue as a whole: what waits, who serves it, and whether it is paused."""

from dataclasses import dataclass

from django.db import connection

from jobs.models import Queue, Role
from jobs.work import SILENT

_CHUNKS = """
    SELECT count(*) FILTER (WHERE c.state = 'waiting'),
        count(*) FILTER (WHERE c.state = 'running'),
        extract(epoch FROM clock_timestamp() - min(greatest(j.created_at, c.not_before))
            FILTER (WHERE c.state = 'waiting' AND c.not_before <= clock_timestamp()))::float8
    FROM jobs_chunk c JOIN jobs_job j ON j.id = c.job_id
    WHERE c.state IN ('waiting', 'running') AND j.status IN ('queued', 'running')
"""
_SERVING = """
    SELECT role, count(*) FROM jobs_worker
    WHERE seen_at > clock_timestamp() - make_interval(secs => %s) GROUP BY role
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """Chunks of active jobs, and the processes heard of in the last 30 seconds."""

    paused: bool
    reason: str
    changed_by: str
    waiting_chunks: int
    running_chunks: int
    oldest_waiting_seconds: float | None
    workers: int
    reconcilers: int


def look() -> QueueFigures:
    """Read the figures. Three queries."""
    with connection.cursor() as cursor:
        cursor.execute(_CHUNKS)
        waiting, running, oldest = cursor.fetchone()
    processes = serving()
    queue = Queue.objects.first() or Queue()
    return QueueFigures(
        paused=queue.paused,
        reason=queue.reason,
        changed_by=queue.changed_by,
        waiting_chunks=waiting,
        running_chunks=running,
        oldest_waiting_seconds=oldest,
        workers=processes[Role.WORKER],
        reconcilers=processes[Role.RECONCILER],
    )


def serving() -> dict[Role, int]:
    """Count the processes that were heard of in the last 30 seconds. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVING, [SILENT])
        return dict.fromkeys(Role, 0) | {Role(role): count for role, count in cursor}


def paused() -> Queue | None:
    """Return who paused the queue and why, or nothing while it runs."""
    return Queue.objects.filter(paused=True).first()
