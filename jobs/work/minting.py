"""Mint one leased chunk: cards, counters and "done" in a single transaction."""

import logging
import time
from typing import Any

import numpy as np
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg import Error as DriverError

from generation import recipes
from generation.errors import MasterKeyMismatch
from generation.kernel.mint import span
from jobs import states
from jobs.models import Chunk, Item, Status
from jobs.planning import TooFewLastFours, plan_missing, plan_next
from jobs.work import leases, progress
from jobs.work.leases import Lease
from jobs.work.reasons import in_words
from jobs.work.totals import CARDS, CHUNK_SECONDS
from toolkit import spans
from toolkit.database import ShardMoved, is_outage
from toolkit.tracing import about
from uniqueness import ledger
from uniqueness.errors import DuplicateRefused, RangeExhausted, ReservationLost
from uniqueness.pool import settlement

logger = logging.getLogger(__name__)
_TAKEN_OVER = "chunk %s of job %s was taken over: rolled back"
_MOVED = "chunk %s of job %s met a moving shard: minted again"
_LATER = "chunk %s of job %s: %s; will be retried"
_DONE = """
    WITH done AS (
        UPDATE jobs_chunk
        SET state = 'done', produced = %(produced)s, lease_until = NULL, error = '',
            done_at = clock_timestamp()
        WHERE id = %(chunk)s AND epoch = %(epoch)s AND state = 'running' RETURNING job_id)
    UPDATE jobs_job SET produced = jobs_job.produced + %(produced)s, version = version + 1,
        progressed_at = clock_timestamp()
    FROM done WHERE jobs_job.id = done.job_id
        AND jobs_job.status IN ('queued', 'running', 'paused', 'cancelling')
    RETURNING jobs_job.requested - jobs_job.produced, jobs_job.status
"""
_RETRY = f"""
    UPDATE jobs_chunk SET lease_until = NULL, error = %(error)s,
        attempts = attempts - %(returned)s,
        state = CASE WHEN attempts - %(returned)s < %(most)s AND epoch < %(leases)s
            THEN 'waiting' ELSE 'failed' END,
        not_before = clock_timestamp() + {leases.PAUSE}
    WHERE id = %(chunk)s AND epoch = %(epoch)s AND state = 'running'
"""  # noqa: S608 (the pause is ours)


class Fenced(Exception):
    """Somebody else took the chunk over; this writer's work is rolled back."""


def execute(lease: Lease) -> None:
    """Mint and record the leased chunk, or leave it for a later attempt with the reason."""
    began = time.perf_counter()
    with (
        about(job=lease.job_id, chunk=lease.chunk_id, request=lease.job.request_id),
        spans.span("chunk", kind="consumer", parent=lease.job.trace_parent) as traced,
    ):
        outcome = _attempt(lease)
        traced.tell({"cardgen.job": str(lease.job_id), "cardgen.chunk": lease.chunk_id})
        traced.tell({"cardgen.outcome": outcome})
    CHUNK_SECONDS.add(outcome, seconds=time.perf_counter() - began)
    progress.announce(lease.job_id)


def _attempt(lease: Lease) -> str:
    """Say in a word what became of it."""
    try:
        CARDS.add(count=_mint_where_it_lies(lease))
    except (Fenced, ReservationLost):
        logger.warning(_TAKEN_OVER, lease.chunk_id, lease.job_id)
        return "taken_over"
    except (DuplicateRefused, MasterKeyMismatch, RangeExhausted, TooFewLastFours) as error:
        _fail(lease, error)
        return "stopped"
    except Exception as error:  # noqa: BLE001 (whatever poisons a chunk, other jobs must go on)
        _retry_later(lease, error)
        return "retried"
    return "done"


def _mint_where_it_lies(lease: Lease) -> int:
    """Mint once more at once if a shard moved just then: a request may wait for the cards."""
    try:
        return _mint(lease)
    except ShardMoved:
        logger.info(_MOVED, lease.chunk_id, lease.job_id)
        return _mint(lease)


def _mint(lease: Lease) -> int:
    """Mint and record; return how many cards were written."""
    first = lease.issuer_range.first_slot
    slots = span(lease.span.first - first, len(lease.span))
    if lease.slots is not None:
        slots = np.array(lease.slots, dtype=np.int64) - first
    cards = recipes.make(issuer_range=lease.issuer_range, slots=slots, recipe=lease.recipe)
    with transaction.atomic():
        leases.sign(lease)
        produced = ledger.record(
            issuer_range=lease.issuer_range,
            cards=cards,
            owner=lease.job_id,
            recipe=lease.recipe,
        )
        _finish(lease, produced=produced)
    return produced


def _finish(lease: Lease, *, produced: int) -> None:
    parameters = {"chunk": lease.chunk_id, "epoch": lease.epoch, "produced": produced}
    with connection.cursor() as cursor:
        cursor.execute(_DONE, parameters)
        row = cursor.fetchone()
    if row is None:
        raise Fenced
    to_come, status = row
    _plan_more(lease, missing=lease.wanted - produced, to_come=to_come, status=status)
    if not to_come and states.succeed(lease.job_id, quiet=lease.quiet):
        settlement.finish(lease.job_id)
    elif status == Status.CANCELLING and not leases.running(lease.job_id):
        states.move(lease.job_id, to=Status.CANCELLED)


def _plan_more(lease: Lease, *, missing: int, to_come: int, status: str) -> None:
    """Plan what is missing, and the job's next instalment if it is time; its row is locked."""
    if missing:
        _top_up(lease, missing=missing)
    if status != Status.CANCELLING:
        Chunk.objects.bulk_create(plan_next(lease.job, to_come=to_come))


def _top_up(lease: Lease, *, missing: int) -> None:
    """Reserve again what exclusions imported since the reservation took away: N asked is N made."""
    item = Item.objects.select_related("issuer_range", "job").get(id=lease.item_id)
    Chunk.objects.bulk_create(plan_missing(item, count=missing))


def _fail(lease: Lease, error: Exception) -> None:
    """Stop the job, unless the chunk was taken over: then it is the other writer's, all is well."""
    code = getattr(error, "code", "internal_error")
    with transaction.atomic():
        mine = Chunk.objects.filter(id=lease.chunk_id, epoch=lease.epoch, state="running")
        if not mine.update(state="failed", lease_until=None, error=str(error)):
            logger.warning(_TAKEN_OVER, lease.chunk_id, lease.job_id)
            return
        states.move(
            lease.job_id,
            to=Status.FAILED,
            error_code=code,
            error=str(error),
            quiet=lease.quiet,
        )
    logger.critical("job %s stopped: %s", lease.job_id, error)


def _retry_later(lease: Lease, error: Exception) -> None:
    """Give the chunk back, with a pause that doubles; a dead database leaves that to the lease.

    An outage gives the attempt back too: no job fails because a server was away. That ends with
    the leases a chunk may have: it may be what makes the server die.
    """
    reason = in_words(error)
    unforeseen = None if isinstance(error, DatabaseError | DriverError) else error
    logger.warning(_LATER, lease.chunk_id, lease.job_id, reason, exc_info=unforeseen)
    parameters: dict[str, Any] = {
        "chunk": lease.chunk_id,
        "epoch": lease.epoch,
        "error": reason,
        "lease": settings.CARDGEN_LEASE,
        "most": leases.MAX_ATTEMPTS,
        "leases": leases.MAX_LEASES,
        "returned": int(is_outage(error)),
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_RETRY, parameters)
    except (DatabaseError, DriverError):
        logger.warning(
            "chunk %s stays with its lease: the database does not answer", lease.chunk_id
        )
        connection.close()
