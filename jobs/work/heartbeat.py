"""Processes say that they are alive, with work or without, whatever the broker does."""

import logging
import random
from threading import Event, Thread

from django.db import Error as DjangoError
from django.db import connection
from psycopg import Error as DriverError

from jobs.models import Role
from jobs.work.leases import worker_name
from toolkit.version import VERSION

EVERY, SILENT = 10.0, 30
"""Seconds between two beats, and after which a process counts as gone."""
_BEAT = """
    INSERT INTO jobs_worker (name, role, version, seen_at) VALUES (%s, %s, %s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE
        SET role = excluded.role, version = excluded.version, seen_at = clock_timestamp()
"""
logger = logging.getLogger(__name__)


def keep_beating(role: Role) -> Event:
    """Beat in a thread of its own until the process ends or the event is set.

    A thread, for the process may mint for minutes; frozen or killed, it falls silent with it.
    """
    stop = Event()
    Thread(target=_beat, args=(role, stop), name="heartbeat", daemon=True).start()
    return stop


def beat(role: Role) -> None:
    """Say once that this process is alive."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [worker_name(), role, VERSION])


def _beat(role: Role, stop: Event) -> None:
    while True:
        try:
            beat(role)
        except (DjangoError, DriverError) as error:
            logger.warning("heartbeat: %s, tries again", type(error).__name__)
        # Not kept: it would be one more connection for each process, all the time.
        connection.close()
        # Not all at the same moment: children are forked together.
        if stop.wait(EVERY * random.uniform(0.8, 1.2)):  # noqa: S311 (no secret)
            return
