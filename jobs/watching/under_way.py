"""How much lies before all of us: jobs under way, leases, messages that wait."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from jobs.models import FINAL, Status

_UNENDED = [status for status in Status if status not in FINAL]
# Each reads a partial index: what has ended, however much it is, costs nothing.
_JOBS = """
    SELECT status, count(*) FROM jobs_job
    WHERE status IN ('queued', 'running', 'paused', 'cancelling') GROUP BY status
"""
_LEASES = """
    SELECT count(*) FILTER (WHERE lease_until < clock_timestamp()),
        coalesce(extract(epoch FROM clock_timestamp() - min(lease_until)) + %(lease)s, 0)::float8
    FROM jobs_chunk WHERE state = 'running'
"""
_DELIVERIES = """
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(not_before)
            FILTER (WHERE not_before < clock_timestamp())), 0)::float8,
        (SELECT count(*) FROM jobs_webhook WHERE stopped_at IS NOT NULL)
    FROM jobs_delivery d WHERE state = 'waiting' AND EXISTS (
        SELECT FROM jobs_webhook w WHERE w.id = d.webhook_id AND w.stopped_at IS NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Jobs that have not ended, and for how long the longest of each has waited, in seconds."""

    jobs: dict[Status, int]
    expired_leases: int
    oldest_lease_seconds: float
    waiting_deliveries: int
    oldest_delivery_seconds: float
    stopped_webhooks: int


def load() -> Load:
    """Read it. Three queries."""
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        jobs = dict.fromkeys(_UNENDED, 0) | {Status(status): count for status, count in cursor}
        cursor.execute(_LEASES, {"lease": settings.CARDGEN_LEASE.total_seconds()})
        expired, oldest_lease = cursor.fetchone()
        cursor.execute(_DELIVERIES)
        waiting, oldest_delivery, stopped = cursor.fetchone()
    return Load(
        jobs=jobs,
        expired_leases=expired,
        oldest_lease_seconds=oldest_lease,
        waiting_deliveries=waiting,
        oldest_delivery_seconds=oldest_delivery,
        stopped_webhooks=stopped,
    )
