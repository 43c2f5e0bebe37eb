"""Do what a worker does, in the test; and let leases run out."""

from datetime import timedelta

from django.db import connection

from jobs import work
from jobs.models import Job

NOBODY = {"BROKER_URL": "redis+socket:///nobody/there.sock", "CARDGEN_RECONCILE_SECONDS": "1"}


_HANG_UP = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""


def hung_up() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_HANG_UP)
        return int(cursor.fetchone()[0])


LONG = timedelta(seconds=60)


def expire_leases() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_chunk SET lease_until = clock_timestamp() - interval '1 second'"
            " WHERE state = 'running'"
        )


def mint_one_chunk(job: Job) -> None:
    """Do what a worker does with the job's next chunk, announcement included."""
    lease = work.lease_in(job.id)
    assert lease is not None
    work.execute(lease)
