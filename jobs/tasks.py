"""Celery tasks: a bell and a clock. They carry no data; the rows are the queue."""

import logging

from celery import shared_task
from django.conf import settings
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from jobs import recovery, runner

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


def ring() -> None:
    """Wake one worker. Without a broker the reconciler finds the work."""
    try:
        work.apply_async()
    except (KombuError, OperationalError, RedisError, OSError) as error:
        logger.warning(
            "broker does not answer (%s): the reconciler will ring", type(error).__name__
        )


def ring_all() -> None:
    """Wake as many workers as there are."""
    for _ in range(settings.CARDGEN_WORKERS):
        ring()
