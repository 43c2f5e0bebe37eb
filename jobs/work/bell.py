"""The bell: a Celery task without data. It wakes a worker; the rows are the queue."""

import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from jobs.work import loop

logger = logging.getLogger(__name__)


@shared_task(name="jobs.tasks.work")  # the name in messages already under way
def work(**_: object) -> None:
    """Mint chunks for a few seconds, then ring again, so that no task is ever long."""
    if loop.work(duration=settings.CARDGEN_SLICE):
        ring()


def ring() -> bool:
    """Wake one worker; tell whether the broker took it. Without one the reconciler finds work."""
    return send(work)


def ring_all() -> None:
    """Wake as many workers as there are; a broker that does not answer is asked once."""
    all(ring() for _ in range(settings.CARDGEN_WORKERS))


def send(task: Any) -> bool:
    try:
        task.apply_async()
    except (KombuError, OperationalError, RedisError, OSError) as error:
        logger.warning("broker does not answer (%s): the reconciler will", type(error).__name__)
        return False
    return True
