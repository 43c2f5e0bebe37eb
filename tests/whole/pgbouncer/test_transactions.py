"""What a process does between transactions and inside them, when connections are shared."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from jobs import results, upkeep, work
from jobs.models import Chunk, Job
from jobs.work import leases
from tests.support import processes
from tests.support.waiting import wait_until
from tests.support.work import LONG
from uniqueness import cache
from uniqueness.models import Card, Exclusion

pytestmark = pytest.mark.django_db(transaction=True)
_ROW = "INSERT INTO uniqueness_ledger VALUES (%s, '1', '2040-01-31', '')"
_WAITS = """
    SELECT FROM pg_stat_activity
    WHERE application_name LIKE 'cardgen chunk %' AND wait_event_type = 'Lock'
"""


def silent() -> None:
    """A bell that nobody hears."""


@contextmanager
def others_at_work() -> Iterator[None]:
    """Two more clients keep taking connections, so that ours are dealt out anew each time."""
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.001)")
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_transactions_of_one_client_run_on_several_connections(through):
    with others_at_work():
        assert len({backend() for _ in range(300)}) > 1
    assert len(through.servers()) <= through.pool_size


def test_no_statement_is_prepared_and_left_on_a_connection(through):
    connection.ensure_connection()
    assert connection.connection.prepare_threshold is None


def test_jobs_are_minted_read_and_audited(submit, through):
    with others_at_work():
        job = submit(count=60_000)
        work.work(duration=LONG)
        cards = sum(len(block) for block in results.blocks(job))
        # One connection holds the snapshot that the two threads join: three in all.
        call_command("validate_uniqueness", "--threads", "1", stdout=StringIO(), stderr=StringIO())
    call_command("validate_uniqueness", "--threads", "2", stdout=StringIO(), stderr=StringIO())
    assert Job.objects.get(id=job.id).status == "succeeded"
    assert cards == Card.objects.count() == 60_000


def test_rows_are_read_over_more_than_one_fetch(catalogue, through):
    with others_at_work():
        for _ in range(20):
            read = [exclusion.pan for exclusion in Exclusion.objects.iterator(chunk_size=50)]
            assert len(set(read)) == Exclusion.objects.count()


def test_the_setting_turns_named_cursors_off(bouncer):
    told = "from cardgen.settings import DATABASES as d, CARDGEN_POOLED; print(CARDGEN_POOLED, d)"
    command = [sys.executable, "-c", told]
    done = subprocess.run(
        command, env=processes.environment(**bouncer.environment), capture_output=True, text=True
    )
    assert done.stdout.startswith("True")
    assert "'DISABLE_SERVER_SIDE_CURSORS': True" in done.stdout


def test_the_cache_is_warmed_over_more_than_one_fetch(submit, through):
    submit(count=40_000)
    work.work(duration=LONG)
    with others_at_work():
        assert cache.carry_out(cache.plan(newest=40_000)).kept == 40_000


def test_exclusions_are_imported_through_temporary_tables(catalogue, through, tmp_path, user):
    file = tmp_path / "numbers.txt"
    file.write_text("".join(f"{4_000_000_000_000_000 + n}\n" for n in range(1_000)))
    options = ["--source", "a test", "--reason", "a test of PgBouncer"]
    with others_at_work():
        call_command("import_exclusions", str(file), *options, stdout=StringIO(), stderr=StringIO())
    assert Exclusion.objects.filter(pan__startswith="4000000000000").count() == 1_000


def test_a_chunk_outlives_the_connection_it_was_claimed_on(submit, through):
    job = submit(count=1_000)
    lease = work.lease_in(job.id)
    through.tell("RECONNECT")
    backend()
    upkeep.reconcile(ring=silent)
    assert Chunk.objects.get().epoch == lease.epoch
    work.execute(lease)
    assert Job.objects.get(id=job.id).status == "succeeded"


def test_a_small_request_outlives_the_connection_it_was_written_on(submit, through):
    job = submit(count=1_000)
    planned = list(Chunk.objects.all())
    Chunk.objects.all().delete()
    work.create_leased(planned, job=job)
    through.tell("RECONNECT")
    upkeep.reconcile(ring=silent)
    assert Chunk.objects.get().state == "running"


def test_a_worker_that_hangs_in_mid_copy_is_found_by_the_name_on_its_transaction(submit, through):
    job = submit(count=1_000)
    lease = work.lease_in(job.id)
    with ThreadPoolExecutor() as worker, psycopg.connect(through.direct) as obstacle:
        obstacle.execute(_ROW, [lease.span.first])
        minting = worker.submit(minted, lease)
        wait_until(waits)
        expire(lease)
        upkeep.reconcile(ring=silent)
        minting.result(timeout=10)
        obstacle.rollback()
    # The worker may have given the chunk back before the reconciler took it: with a pause.
    Chunk.objects.update(not_before="2020-01-01T00:00:00Z")
    work.work(duration=LONG)
    assert Job.objects.get(id=job.id).status == "succeeded"
    assert Card.objects.count() == 1_000


def waits() -> bool:
    """Tell whether the signed transaction has come to the row that is in its way."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS)
        return bool(cursor.rowcount == 1)


def minted(lease: leases.Lease) -> None:
    """Do a worker's work in a thread of its own."""
    try:
        work.execute(lease)
    finally:
        connection.close()


def name_of(lease: leases.Lease) -> str:
    """What the lease's own transaction is called."""
    with transaction.atomic(), connection.cursor() as cursor:
        leases.sign(lease)
        cursor.execute("SHOW application_name")
        return str(cursor.fetchone()[0])


def expire(lease: leases.Lease) -> None:
    """Let the lease end now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_chunk SET lease_until = clock_timestamp() WHERE id = %s", [lease.chunk_id]
        )


def test_the_name_is_gone_with_the_transaction(submit, through):
    lease = work.lease_in(submit(count=1_000).id)
    name = name_of(lease)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        assert cursor.fetchone() == (0,)
    assert name.endswith(f"{lease.chunk_id} epoch {lease.epoch}")
