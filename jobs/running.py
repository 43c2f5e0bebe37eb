"""Take part in one job from the foreground, beside whatever workers there are."""

import time
from collections.abc import Iterator
from uuid import UUID

from jobs import chunks, runner
from jobs.models import Job
from jobs.states import FINAL

_PAUSE = 0.2


def run_here(job_id: UUID) -> Iterator[int]:
    """Mint the job's waiting chunks in this process until it is final; yield the cards produced.

    When all chunks are taken, by other workers or by one that died and whose lease runs, it waits.
    """
    while True:
        claim = chunks.claim_in(job_id)
        if claim is not None:
            runner.execute(claim)
        job = Job.objects.only("status", "produced").get(id=job_id)
        yield job.produced
        if job.status in FINAL:
            return
        if claim is None:
            time.sleep(_PAUSE)
