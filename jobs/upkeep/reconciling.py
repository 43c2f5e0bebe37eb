"""The reconciler: whatever died, the rows say what is left to do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import states, work
from jobs.models import UNENDED, Chunk, Job, Status
from jobs.upkeep.settling import lock_free, settle
from jobs.work import MAX_ATTEMPTS, MAX_LEASES, PAUSE, running
from uniqueness.locks import Space

_LOCK = (int(Space.RECONCILER), 0)
# A worker whose database connection is gone is dead or cannot commit: its lease need not run out.
# Connections of other roles show no start; only their pid can be compared. A chunk leased through
# PgBouncer names no connection, for many workers share it: its lease alone counts. A server that
# was away is nobody's failure: whoever held a chunk before it came back gets the attempt back. It
# was started anew since, or whoever reconciles could not reach it (a promoted standby has been up
# for long). It rests a while, for it may be what made the server die.
_TAKE_BACK = f"""
    UPDATE jobs_chunk SET lease_until = NULL, error = 'the worker ' || worker || ' went silent',
        attempts = greatest(attempts - held.outage, 0),
        state = CASE WHEN attempts - held.outage < %(most)s AND epoch < %(leases)s
            THEN 'waiting' ELSE 'failed' END,
        not_before = not_before + held.outage * (clock_timestamp() + {PAUSE} - not_before)
    FROM (
        SELECT id AS held_id, CASE
            WHEN coalesce(backend_start, lease_until - %(lease)s) < pg_postmaster_start_time()
                OR lease_until - %(lease)s < %(away_until)s THEN 1 ELSE 0 END AS outage
        FROM jobs_chunk c WHERE state = 'running' AND (
            lease_until < clock_timestamp()
            OR backend_start IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_stat_activity a
                WHERE a.pid = c.backend_pid
                    AND coalesce(a.backend_start = c.backend_start, true)))
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) held
    WHERE id = held.held_id
"""  # noqa: S608 (the pause is ours)
# A worker that froze in mid-COPY holds its locks, and whoever mints its chunk next would wait for
# them; no timeout of PostgreSQL's ends a COPY that waits for its client (tried: statement_timeout,
# transaction_timeout, idle_in_transaction_session_timeout). A connection whose transaction began
# after the lease ended is somebody else's by now: a pool's. Behind PgBouncer the transaction that
# writes a chunk bears its name (jobs.work.leases.sign).
_HANG_UP = """
    SELECT pg_terminate_backend(a.pid)
    FROM jobs_chunk c JOIN pg_stat_activity a
        ON a.pid = c.backend_pid AND a.backend_start = c.backend_start
        OR a.datname = current_database()
            AND a.application_name = concat('cardgen chunk ', c.id, ' epoch ', c.epoch)
    WHERE c.state = 'running' AND c.lease_until < clock_timestamp()
        AND a.xact_start < c.lease_until AND a.pid <> pg_backend_pid()
"""
# Nobody reconciles while one that froze holds the lock.
_ALONE = """
    SELECT pg_try_advisory_xact_lock(%s, %s),
        set_config('idle_in_transaction_session_timeout', '30s', true)
"""
# A live worker takes a new chunk every second or so; one taken longer ago may be a dead worker's,
# which must not count as a busy worker until its lease has run out.
_SILENT_SECONDS = 10
_BUSY = """
    SELECT count(*) FROM jobs_chunk WHERE state = 'running'
        AND lease_until > clock_timestamp() + make_interval(secs => %s) - make_interval(secs => %s)
"""
_WAITING = """
    SELECT count(*) FROM (
        SELECT FROM jobs_chunk c JOIN jobs_job j ON j.id = c.job_id
        WHERE c.state = 'waiting' AND c.not_before <= clock_timestamp()
            AND j.status IN ('queued', 'running') LIMIT %s) waiting
"""


def reconcile(*, ring: Callable[[], object], away_until: datetime | None = None) -> bool:
    """Take back expired leases, end jobs that have come to their end, ring for work nobody does.

    Several at once are harmless: one wins the lock, the others return.

    :param away_until: when the caller reached the database again after an outage
    :return: whether work waited while nobody did any
    """
    with transaction.atomic():
        if not alone():
            return False
        _take_back(away_until)
        ended = [*_fail_poisoned(), *_fail_late(), *_end_cancelled(), *_end_complete()]
        busy, bells = _missing_workers()
    settle()
    for job_id in ended:
        work.announce(job_id, always=True)
    for _ in range(bells):
        ring()
    return bool(bells) and not busy


def alone() -> bool:
    """Try to be the only reconciler until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, _LOCK)
        return bool(cursor.fetchone()[0])


def _take_back(away_until: datetime | None) -> None:
    values: dict[str, Any] = {
        "most": MAX_ATTEMPTS,
        "leases": MAX_LEASES,
        "lease": settings.CARDGEN_LEASE,
        "away_until": away_until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HANG_UP)
        cursor.execute(_TAKE_BACK, values)


def _fail_poisoned() -> list[UUID]:
    """Fail the active jobs with a chunk that was given up; other jobs go on."""
    poisoned = Chunk.objects.filter(state="failed", job__status__in=["queued", "running"])
    latest = poisoned.order_by("-id").only("job_id", "error", "attempts")
    reasons = {chunk.job_id: _told(chunk) for chunk in latest}
    return [
        job_id
        for job_id in lock_free(Job.objects.filter(id__in=reasons))
        if states.move(job_id, to=Status.FAILED, error_code="chunk_failed", error=reasons[job_id])
    ]


def _fail_late() -> list[UUID]:
    """Fail jobs whose deadline has passed; what they minted stays."""
    late = Job.objects.filter(status__in=UNENDED).filter(deadline__lt=Now())
    told = "The deadline passed before all cards were minted."
    return [
        job_id
        for job_id in lock_free(late)
        if states.move(job_id, to=Status.FAILED, error_code="deadline_missed", error=told)
    ]


def _end_cancelled() -> list[UUID]:
    """End cancelled jobs for which nobody mints any more."""
    ending = Job.objects.filter(status=Status.CANCELLING)
    return [
        job_id
        for job_id in lock_free(ending)
        if not running(job_id) and states.move(job_id, to=Status.CANCELLED)
    ]


def _end_complete() -> list[UUID]:
    """End jobs that have all their cards; whoever wrote the last one does it as a rule."""
    unended = [Status.QUEUED, Status.RUNNING, Status.PAUSED]
    complete = Job.objects.filter(status__in=unended, produced=F("requested"))
    return [job_id for job_id in lock_free(complete) if states.succeed(job_id)]


def _told(chunk: Chunk) -> str:
    if chunk.attempts >= MAX_ATTEMPTS:
        return f"A part of this job failed {MAX_ATTEMPTS} times; the last time: {chunk.error}."
    return (
        "The database went away again and again while a part of this job was written, until that"
        f" was tried {MAX_LEASES} times; the last time: {chunk.error}. It may be this part that"
        " makes it go."
    )


def _missing_workers() -> tuple[int, int]:
    """Count busy workers, and the bells to ring: chunks that wait, at most as many as idle ones."""
    lease = settings.CARDGEN_LEASE.total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(_BUSY, [lease, _SILENT_SECONDS])
        busy = int(cursor.fetchone()[0])
        cursor.execute(_WAITING, [max(0, settings.CARDGEN_WORKERS - busy)])
        return busy, int(cursor.fetchone()[0])
