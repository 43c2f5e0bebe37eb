"""Mint one claimed chunk: cards, counters and "done" in a single transaction."""

import logging
import time
from datetime import timedelta
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg import Error as DriverError

from generation import recipes
from generation.errors import MasterKeyMismatch
from generation.kernel.mint import span
from jobs import chunks, progress, states
from jobs.chunks import Claim
from jobs.distinct import TooFewLastFours, last_fours_of
from jobs.models import Chunk, ChunkState, Item, Status
from jobs.reasons import in_words
from uniqueness import ledger, settlement
from uniqueness.errors import DuplicateRefused, RangeExhausted, ReservationLost
from uniqueness.excluded import excluded_unminted

logger = logging.getLogger(__name__)

_MOST_TOP_UPS = 10
_TAKEN_OVER = "chunk %s of job %s was taken over: rolled back"
_LATER = "chunk %s of job %s: %s; will be retried"
_DONE = """
    WITH done AS (
        UPDATE jobs_chunk
        SET state = 'done', produced = %(produced)s, lease_until = NULL, error = ''
        WHERE id = %(chunk)s AND epoch = %(epoch)s AND state = 'running' RETURNING job_id)
    UPDATE jobs_job SET produced = jobs_job.produced + %(produced)s, version = version + 1,
        progressed_at = clock_timestamp()
    FROM done WHERE jobs_job.id = done.job_id
        AND jobs_job.status IN ('queued', 'running', 'paused', 'cancelling')
    RETURNING jobs_job.produced = jobs_job.requested, jobs_job.status
"""
_RETRY = """
    UPDATE jobs_chunk SET lease_until = NULL, error = %(error)s,
        state = CASE WHEN attempts < %(most)s THEN 'waiting' ELSE 'failed' END,
        not_before = clock_timestamp() + make_interval(secs => %(delay)s)
    WHERE id = %(chunk)s AND epoch = %(epoch)s AND state = 'running'
"""


class Fenced(Exception):
    """Somebody else took the chunk over; this writer's work is rolled back."""


def work(*, duration: timedelta) -> bool:
    """Claim and mint chunks for about `duration`; tell whether there may be more."""
    until = time.monotonic() + duration.total_seconds()
    while time.monotonic() < until:
        claim = chunks.claim_next()
        if claim is None:
            return False
        execute(claim)
    return True


def finish_top_ups(job_id: UUID) -> None:
    """Mint the job's waiting chunks here: those that made up for numbers excluded meanwhile."""
    for _ in range(_MOST_TOP_UPS):
        claim = chunks.claim_in(job_id)
        if claim is None:
            return
        execute(claim)


def execute(claim: Claim) -> None:
    """Mint and record the claimed chunk, or leave it for a later attempt with the reason."""
    try:
        _mint(claim)
    except (Fenced, ReservationLost):
        logger.warning(_TAKEN_OVER, claim.chunk_id, claim.job_id)
    except (DuplicateRefused, MasterKeyMismatch, RangeExhausted, TooFewLastFours) as error:
        _fail(claim, error)
    except Exception as error:  # noqa: BLE001 (whatever poisons a chunk, other jobs must go on)
        _retry_later(claim, error)
    progress.announce(claim.job_id)


def _mint(claim: Claim) -> None:
    first = claim.issuer_range.first_slot
    slots = span(claim.span.first - first, len(claim.span))
    if claim.slots is not None:
        slots = np.array(claim.slots, dtype=np.int64) - first
    cards = recipes.make(issuer_range=claim.issuer_range, slots=slots, recipe=claim.recipe)
    with transaction.atomic():
        chunks.sign(claim)
        produced = ledger.record(
            issuer_range=claim.issuer_range,
            cards=cards,
            owner=claim.job_id,
            recipe=claim.recipe,
        )
        if produced < claim.wanted:
            _top_up(claim, missing=claim.wanted - produced)
        _finish(claim, produced=produced)


def _finish(claim: Claim, *, produced: int) -> None:
    parameters = {"chunk": claim.chunk_id, "epoch": claim.epoch, "produced": produced}
    with connection.cursor() as cursor:
        cursor.execute(_DONE, parameters)
        row = cursor.fetchone()
    if row is None:
        raise Fenced
    complete, status = row
    if complete and states.succeed(claim.job_id):
        settlement.finish(claim.job_id)
    elif status == Status.CANCELLING and not chunks.running(claim.job_id):
        states.move(claim.job_id, to=Status.CANCELLED)


def _top_up(claim: Claim, *, missing: int) -> None:
    """Reserve again what exclusions imported since the reservation took away: N asked is N made."""
    item = Item.objects.select_related("issuer_range", "job").get(id=claim.item_id)
    Chunk.objects.bulk_create(plan_missing(item, count=missing))


def plan_missing(item: Item, *, count: int) -> list[Chunk]:
    """Reserve numbers beside those the item has, and cut them into chunks, not yet saved.

    :raises RangeExhausted: if the range has fewer left
    :raises TooFewLastFours: if it has fewer left whose last four digits differ
    """
    seen = _last_fours(item) if item.job.distinct_last_four else set()
    return chunks.plan(item, count=count, seen=seen)


def _last_fours(item: Item) -> set[bytes]:
    """What the job's numbers end in, those excluded before they were minted left out."""
    seen: set[bytes] = set()
    live = Chunk.objects.filter(job=item.job).exclude(state=ChunkState.DROPPED)
    for chunk in live.select_related("item__issuer_range"):
        # A card that was handed out stays the job's, whatever is excluded after it.
        left_out = excluded_unminted(chunk.span)
        slots = [slot for slot in chunk.slots or [] if slot not in left_out]
        seen |= last_fours_of(chunk.item.issuer_range, slots=slots, recipe=item.job.recipe)
    return seen


def _fail(claim: Claim, error: Exception) -> None:
    """Stop the job, unless the chunk was taken over: then it is the other writer's, all is well."""
    code = getattr(error, "code", "internal_error")
    with transaction.atomic():
        mine = Chunk.objects.filter(id=claim.chunk_id, epoch=claim.epoch, state="running")
        if not mine.update(state="failed", lease_until=None, error=str(error)):
            logger.warning(_TAKEN_OVER, claim.chunk_id, claim.job_id)
            return
        states.move(claim.job_id, to=Status.FAILED, error_code=code, error=str(error))
    logger.critical("job %s stopped: %s", claim.job_id, error)


def _retry_later(claim: Claim, error: Exception) -> None:
    """Give the chunk back, with a pause that doubles; a dead database leaves that to the lease."""
    reason = in_words(error)
    unforeseen = None if isinstance(error, DatabaseError | DriverError) else error
    logger.warning(_LATER, claim.chunk_id, claim.job_id, reason, exc_info=unforeseen)
    delay = min(2.0**claim.attempts, settings.CARDGEN_LEASE.total_seconds())
    parameters: dict[str, int | float | str] = {
        "chunk": claim.chunk_id,
        "epoch": claim.epoch,
        "error": reason,
        "delay": delay,
        "most": chunks.MAX_ATTEMPTS,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_RETRY, parameters)
    except (DatabaseError, DriverError):
        logger.warning(
            "chunk %s stays with its lease: the database does not answer", claim.chunk_id
        )
        connection.close()
