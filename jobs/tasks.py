"""Celery tasks: a bell and a clock. They carry no data; the rows are the queue."""

import logging
from itertools import islice
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_ready
from django.conf import settings
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from jobs import heartbeat, idempotency, quotas, recovery, retention, runner
from jobs.queue_models import Role
from uniqueness.bloom.sync import sync

# Together far below the soft time limit of a task; the next run goes on.
_WINDOWS_AT_ONCE = 20
_PURGE_SECONDS = 30
_MOST_FORGOTTEN = 50  # hundreds of jobs
logger = logging.getLogger(__name__)


@shared_task
def work(**_: object) -> None:
    """Mint chunks for a few seconds, then ring again, so that no task is ever long."""
    if runner.work(duration=settings.CARDGEN_SLICE):
        ring()


@shared_task
def reconcile(**_: object) -> None:
    """Run the reconciler."""
    recovery.reconcile(ring=ring)


@shared_task
def clean_up(**_: object) -> None:
    """Free what nobody holds, seal filters, and delete cards and jobs kept long enough."""
    recovery.clean_up()
    idempotency.forget(older_than=settings.CARDGEN_IDEMPOTENCY)
    quotas.forget_renewals()
    sync(limit=_WINDOWS_AT_ONCE)
    if settings.CARDGEN_KEEP_CARDS_DAYS:
        retention.purge_some(days=settings.CARDGEN_KEEP_CARDS_DAYS, seconds=_PURGE_SECONDS)
    if settings.CARDGEN_KEEP_JOBS_DAYS:
        sum(islice(retention.forget_jobs(days=settings.CARDGEN_KEEP_JOBS_DAYS), _MOST_FORGOTTEN))


@worker_process_init.connect
def say_alive(**_: object) -> None:
    """Beat in every minting process: bells are too seldom to tell an idle one from a dead one."""
    heartbeat.start(Role.WORKER)


@worker_ready.connect
def look_for_work(**_: object) -> None:
    """Run the reconciler as soon as a worker is up: bells may have been lost before."""
    _send(reconcile)


def ring() -> bool:
    """Wake one worker; tell whether the broker took it. Without one the reconciler finds work."""
    return _send(work)


def ring_all() -> None:
    """Wake as many workers as there are; a broker that does not answer is asked once."""
    all(ring() for _ in range(settings.CARDGEN_WORKERS))


def _send(task: Any) -> bool:
    try:
        task.apply_async()
    except (KombuError, OperationalError, RedisError, OSError) as error:
        logger.warning("broker does not answer (%s): the reconciler will", type(error).__name__)
        return False
    return True
