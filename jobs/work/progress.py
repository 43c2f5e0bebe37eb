"""Tell watchers that a job has a new version. Losable, throttled: PostgreSQL holds the figures."""

import time
from uuid import UUID

from django.conf import settings

from jobs.models import FINAL, Job
from realtime.announce import announce as publish
from realtime.announce import announce_soon as publish_soon

_last_sent: dict[UUID, float] = {}
_REMEMBERED = 1_000


def announce(job_id: UUID, *, always: bool = False) -> None:
    """Say "job X is now version N", at most four times a second per job over all workers.

    A final state is always said.
    """
    columns = ("id", "version", "status", "owner_id", "team_id")
    job = Job.objects.only(*columns).filter(id=job_id).first()
    if job is None or not (always or job.status in FINAL or _due(job_id)):
        return
    publish(job_id=job.id, owner_id=job.owner_id, team_id=job.team_id, version=job.version)


def announce_soon(job: Job) -> None:
    """Say to those whose lists show a job that was there and over in one moment: it is new."""
    publish_soon(job_id=job.id, owner_id=job.owner_id, team_id=job.team_id, version=job.version)


def _due(job_id: UUID) -> bool:
    now, interval = time.monotonic(), settings.CARDGEN_WORKERS / 4
    if now - _last_sent.get(job_id, float("-inf")) < interval:
        return False
    if len(_last_sent) >= _REMEMBERED:
        _last_sent.clear()
    _last_sent[job_id] = now
    return True
