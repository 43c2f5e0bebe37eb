"""How a lease's cost grows with chunks that run, and with chunks that others are just leasing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

import numpy as np
import psycopg
from django.db import connection, transaction

from bench.simulation.costs import Costs
from bench.simulation.measure import order
from bench.simulation.watch import mark
from jobs import work
from jobs.models import Chunk, Job

_JOBS, _CHUNKS, _CHUNK = 10, 2_000, 1_000
_LEASES = 200
_LOCKED = 100
_LOCK = """
    SELECT id FROM jobs_chunk WHERE state = 'waiting' AND job_id = %s
    ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""


def with_contention(costs: Costs) -> Costs:
    """Measure the lease among ten jobs of 2,000 chunks each, as in 10^9 cards of 50,000 a chunk.

    Leaves nothing waiting.
    """
    for _ in range(_JOBS):
        order(_CHUNKS * _CHUNK, chunk=_CHUNK)
    _analyze()
    spent = [_spent(work.lease_next) for _ in range(_LEASES)]
    slope, first = np.polyfit(np.arange(_LEASES), spent, 1)
    locked = _past_locked_rows(Job.objects.filter(chunks__state="waiting").distinct()[0])
    _drop_all()
    return replace(
        costs,
        lease=replace(costs.lease, database=max(0.0, float(first))),
        lease_per_running=max(0.0, float(slope)),
        lease_per_locked=max(0.0, locked),
    )


def _past_locked_rows(job: Job) -> float:
    """CPU seconds for each row that others are just leasing, which has to be stepped over."""
    alone = median(_leased_and_undone(job) for _ in range(_LEASES))
    with _others_leasing(job):
        among = median(_leased_and_undone(job) for _ in range(_LEASES))
    return (among - alone) / _LOCKED


def _leased_and_undone(job: Job) -> float:
    with transaction.atomic():
        spent = _spent(lambda: work.lease_in(job.id))
        transaction.set_rollback(True)
    return spent


@contextmanager
def _others_leasing(job: Job) -> Iterator[None]:
    """Hold locks on the job's first waiting chunks."""
    connection.ensure_connection()
    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute(_LOCK, [job.id, _LOCKED])
        yield
        other.rollback()


def _analyze() -> None:
    """Do what autovacuum does within a minute, so that plans are those of a long job."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_chunk, jobs_job")


def _spent(action: Callable[[], object]) -> float:
    """The database's CPU seconds."""
    before = mark()
    action()
    return mark().since(before).database


def _drop_all() -> None:
    waiting = Chunk.objects.filter(state__in=["waiting", "running"])
    waiting.update(state="dropped", lease_until=None)
    Job.objects.filter(status__in=["queued", "running"]).update(status="failed")
