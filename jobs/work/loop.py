"""Lease a chunk, mint it, again: as a worker, in a request, or for one job in the foreground."""

import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from jobs.models import FINAL, Job
from jobs.work import leases
from jobs.work.minting import execute

_PAUSE = 0.2
_MOST_TOP_UPS = 10


def work(*, duration: timedelta) -> bool:
    """Claim and mint chunks for about `duration`; tell whether there may be more."""
    until = time.monotonic() + duration.total_seconds()
    while time.monotonic() < until:
        claim = leases.claim_next()
        if claim is None:
            return False
        execute(claim)
    return True


def finish_top_ups(job_id: UUID) -> None:
    """Mint the job's waiting chunks here: those that made up for numbers excluded meanwhile."""
    for _ in range(_MOST_TOP_UPS):
        claim = leases.claim_in(job_id)
        if claim is None:
            return
        execute(claim)


def run_here(job_id: UUID) -> Iterator[int]:
    """Mint the job's waiting chunks in this process until it is final; yield the cards produced.

    When all chunks are taken, by other workers or by one that died and whose lease runs, it waits.
    """
    while True:
        claim = leases.claim_in(job_id)
        if claim is not None:
            execute(claim)
        job = Job.objects.only("status", "produced").get(id=job_id)
        yield job.produced
        if job.status in FINAL:
            return
        if claim is None:
            time.sleep(_PAUSE)
