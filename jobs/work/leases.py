"""Who may write a chunk, and until when: one transaction a lease."""

import os
import socket
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from generation.models import IssuerRange
from generation.recipes import Recipe
from jobs import states
from jobs.models import Chunk, ChunkState, Item, Job, Queue, Status
from uniqueness.slots import Span

MAX_ATTEMPTS, MAX_LEASES = 5, 20
"""After so many failures a chunk is given up; and after so many leases, whatever became of them: an
outage gives the attempt back, but a chunk that meets one each time may be what makes the server
die. Nobody gets a lease from a server that is away, so however long it is, it counts once."""
PAUSE = "least(power(2, epoch) * interval '1 second', %(lease)s) * (0.5 + random())"
"""How long a chunk waits for its next attempt: it doubles, up to the length of a lease. By chance
shorter or longer: of the chunks that were in hand when the server died, each comes back at another
time, and the one that makes it die comes alone."""
_CANDIDATES = 16

# First the owner who is served least, then of the owner's jobs the one that is: however many jobs
# one user orders, others get their share. Waiting time counts by priority, and running chunks count
# against it: no job starves. An owner counts by the best priority of their jobs. Sorted first
# (OFFSET keeps that apart), so that chunks are looked for in the first few jobs only: with 10,000
# jobs queued a fifth of the time that it takes to look in all.
_BUSIEST_LAST = """
    WITH running AS (
        SELECT job_id, count(*) AS chunks FROM jobs_chunk WHERE state = 'running' GROUP BY job_id),
    active AS (
        SELECT j.id, j.owner_id, coalesce(running.chunks, 0) AS chunks, w.weight, j.created_at,
            j.progressed_at, coalesce(j.progressed_at, j.created_at) AS served_at
        FROM jobs_job j LEFT JOIN running ON running.job_id = j.id CROSS JOIN LATERAL (
            SELECT CASE j.priority
                WHEN 'high' THEN 4.0 WHEN 'low' THEN 0.25 ELSE 1.0 END AS weight) w
        WHERE j.status IN ('queued', 'running')
            AND NOT EXISTS (SELECT FROM jobs_queue WHERE paused)),
    owners AS (
        SELECT owner_id, sum(chunks) / max(weight) AS load, max(weight) AS weight,
            coalesce(max(progressed_at), min(created_at)) AS served_at
        FROM active GROUP BY owner_id)
    SELECT id FROM (
        SELECT id FROM active JOIN owners USING (owner_id)
        ORDER BY owners.load, (statement_timestamp() - owners.served_at) * owners.weight DESC,
            chunks / active.weight, (statement_timestamp() - active.served_at) * active.weight DESC
        OFFSET 0) least_served
    WHERE EXISTS (
        SELECT FROM jobs_chunk c
        WHERE c.job_id = least_served.id AND c.state = 'waiting'
            AND c.not_before <= clock_timestamp())
    LIMIT %s
"""
_HOLD = """
    SELECT clock_timestamp() + make_interval(secs => %s), pid, backend_start
    FROM pg_stat_activity WHERE pid = pg_backend_pid()
"""
_LEASE = """
    UPDATE jobs_chunk SET state = 'running', epoch = epoch + 1, attempts = attempts + 1,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s), worker = %(worker)s,
        backend_pid = CASE WHEN %(own)s THEN pg_backend_pid() END, backend_start = (
            SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid() AND %(own)s)
    WHERE id = (
        SELECT id FROM jobs_chunk
        WHERE job_id = %(job)s AND state = 'waiting' AND not_before <= clock_timestamp()
            AND EXISTS (SELECT FROM jobs_job
                        WHERE id = %(job)s AND status IN ('queued', 'running'))
            AND NOT EXISTS (SELECT FROM jobs_queue WHERE paused)
        ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, set_config('idle_in_transaction_session_timeout', '30s', true)
"""
_SIGN = "SELECT set_config('application_name', %s, true)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write one chunk, good while the chunk's epoch is this one.

    :param quiet: the holder answers whoever ordered the job, so its end is told to no webhook
    """

    chunk_id: int
    epoch: int
    attempts: int
    job: Job
    item_id: int
    span: Span
    slots: list[int] | None
    wanted: int
    issuer_range: IssuerRange
    quiet: bool = False

    @property
    def job_id(self) -> UUID:
        """Whose chunk it is."""
        return self.job.id

    @property
    def recipe(self) -> Recipe:
        """How its cards are made; made out by the writer, who answers for a job that has none."""
        return self.job.recipe


def worker_name() -> str:
    """Say which process holds a chunk: `host:pid`."""
    return f"{socket.gethostname()}:{os.getpid()}"


def lease_next() -> Lease | None:
    """Lease a waiting chunk of the owner and job served least now, or say that there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_BUSIEST_LAST, [_CANDIDATES])
        candidates = [row[0] for row in cursor.fetchall()]
    found = (lease for job_id in candidates if (lease := lease_in(job_id)))
    return next(found, None)


@transaction.atomic
def lease_in(job_id: UUID) -> Lease | None:
    """Lease a waiting chunk of this job, or say that there is none."""
    parameters: dict[str, UUID | float | str | bool] = {
        "job": job_id,
        "lease": settings.CARDGEN_LEASE.total_seconds(),
        "worker": worker_name(),
        "own": not settings.CARDGEN_POOLED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    chunk = Chunk.objects.select_related("job", "item__issuer_range").get(id=row[0])
    if chunk.job.status == Status.QUEUED:
        states.move(job_id, to=Status.RUNNING)
    return _leased(chunk, job=chunk.job, item=chunk.item)


def sign(lease: Lease) -> None:
    """Put the lease's name on the caller's transaction, for all to see in pg_stat_activity.

    PgBouncer gives each transaction another connection; whoever takes the chunk back can still
    find the one that holds its locks (jobs.upkeep.reconciling). With a connection of its own, a
    worker is known by that.
    """
    if settings.CARDGEN_POOLED:
        with connection.cursor() as cursor:
            cursor.execute(_SIGN, [f"cardgen chunk {lease.chunk_id} epoch {lease.epoch}"])


def running(job_id: UUID) -> bool:
    """Tell whether somebody mints for the job right now."""
    return Chunk.objects.filter(job_id=job_id, state=ChunkState.RUNNING).exists()


def is_at_rest() -> bool:
    """Tell whether no card is made, and none will be before somebody lets the queue go on."""
    paused = Queue.objects.filter(paused=True).exists()
    return paused and not Chunk.objects.filter(state=ChunkState.RUNNING).exists()


def create_leased(planned: list[Chunk], *, job: Job) -> list[Lease]:
    """Save the job's chunks as held by this process from the first: no worker sees them wait."""
    with connection.cursor() as cursor:
        seconds = settings.CARDGEN_LEASE.total_seconds()
        cursor.execute(_HOLD, [seconds])
        lease_until, pid, started = cursor.fetchone()
    if settings.CARDGEN_POOLED:
        pid = started = None
    for chunk in planned:
        chunk.state, chunk.epoch, chunk.attempts = ChunkState.RUNNING, 1, 1
        chunk.lease_until, chunk.worker = lease_until, worker_name()
        chunk.backend_pid, chunk.backend_start = pid, started
    created = Chunk.objects.bulk_create(planned)
    return [_leased(chunk, job=job, item=chunk.item) for chunk in created]


def _leased(chunk: Chunk, *, job: Job, item: Item) -> Lease:
    return Lease(
        chunk_id=chunk.pk,
        epoch=chunk.epoch,
        attempts=chunk.attempts,
        job=job,
        item_id=item.pk,
        span=chunk.span,
        slots=chunk.slots,
        wanted=chunk.wanted,
        issuer_range=item.issuer_range,
    )
