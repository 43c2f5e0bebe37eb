"""Lease a chunk, mint it, again: as a worker, in a request, or for one job in the foreground."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from jobs.models import FINAL, Job
from jobs.work.leases import Lease, lease_in, lease_next
from jobs.work.minting import execute

_PAUSE = 0.2
_MOST_TOP_UPS = 10


def work(*, duration: timedelta) -> bool:
    """Lease and mint chunks for about `duration`; tell whether there may be more."""
    until = time.monotonic() + duration.total_seconds()
    while time.monotonic() < until:
        lease = lease_next()
        if lease is None:
            return False
        execute(lease)
    return True


def finish(leases: list[Lease], *, job_id: UUID, quiet: bool) -> None:
    """Mint the chunks held, and those that made up for numbers excluded meanwhile.

    :param quiet: no webhook is told if the job ends here
    """
    for lease in leases:
        execute(replace(lease, quiet=quiet))
    for _ in range(_MOST_TOP_UPS):
        more = lease_in(job_id)
        if more is None:
            return
        execute(replace(more, quiet=quiet))


def run_here(job_id: UUID) -> Iterator[int]:
    """Mint the job's waiting chunks in this process until it is final; yield the cards produced.

    When all chunks are taken, by other workers or by one that died and whose lease runs, it waits.
    """
    while True:
        lease = lease_in(job_id)
        if lease is not None:
            execute(lease)
        job = Job.objects.only("status", "produced").get(id=job_id)
        yield job.produced
        if job.status in FINAL:
            return
        if lease is None:
            time.sleep(_PAUSE)
