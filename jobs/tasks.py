"""Celery tasks: a bell and a clock. They carry no data; the rows are the queue."""

from itertools import islice

from celery import shared_task
from celery.signals import worker_process_init, worker_ready
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from jobs import orders, quotas, statistics, upkeep, webhooks, work
from jobs.models import Role
from jobs.work.bell import ring, send
from uniqueness.bloom import sync

# Together far below the soft time limit of a task; the next run goes on.
_SEAL_SECONDS = 40
_PURGE_SECONDS = 30
_MOST_FORGOTTEN = 50  # hundreds of jobs


@shared_task
def reconcile(**_: object) -> None:
    """Run the reconciler."""
    upkeep.reconcile(ring=ring)


@shared_task
def clean_up(**_: object) -> None:
    """Free what nobody holds, seal filters, and delete cards and jobs kept long enough."""
    upkeep.clean_up()
    SessionStore.clear_expired()
    orders.forget(older_than=settings.CARDGEN_IDEMPOTENCY)
    quotas.forget()
    statistics.fold()
    webhooks.forget_days()
    sync(seconds=_SEAL_SECONDS)
    if settings.CARDGEN_KEEP_CARDS_DAYS:
        upkeep.purge_some(days=settings.CARDGEN_KEEP_CARDS_DAYS, seconds=_PURGE_SECONDS)
    if settings.CARDGEN_KEEP_JOBS_DAYS:
        sum(islice(upkeep.forget_jobs(days=settings.CARDGEN_KEEP_JOBS_DAYS), _MOST_FORGOTTEN))


@worker_process_init.connect
def say_alive(**_: object) -> None:
    """Beat in every minting process: bells are too seldom to tell an idle one from a dead one."""
    work.keep_beating(Role.WORKER)


@worker_ready.connect
def look_for_work(**_: object) -> None:
    """Run the reconciler as soon as a worker is up: bells may have been lost before."""
    send(reconcile)
