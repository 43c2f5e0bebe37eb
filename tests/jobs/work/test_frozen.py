"""A worker that freezes with a transaction open holds locks: nobody waits for it for long."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import upkeep, work
from jobs.models import Chunk, Job
from jobs.upkeep import reconciling
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)
_COPY = "COPY uniqueness_ledger (slot, pan, expiry, cvv) FROM STDIN"


@pytest.fixture
def frozen() -> Iterator[psycopg.Connection]:
    """The connection of a worker that will not move on."""
    settings = connection.settings_dict
    options = {name: settings["OPTIONS"][name] for name in ("host",) if name in settings["OPTIONS"]}
    other = psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"],
        **({"host": settings["HOST"]} if settings["HOST"] else {}) | options,
    )  # fmt: skip
    yield other
    other.close()


@pytest.fixture(autouse=True)
def impatient(db: None) -> Iterator[None]:
    """Whoever waits for the frozen one fails here, and not after minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10s'")
        yield
        cursor.execute("RESET statement_timeout")


def hold(chunk: Chunk, by: psycopg.Connection) -> None:
    """Let the other connection hold the chunk, with a lease that has just ended."""
    began = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    pid, start = by.execute(began).fetchall()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        held = {"lease_until": cursor.fetchone()[0], "backend_pid": pid, "backend_start": start}
    Chunk.objects.filter(id=chunk.pk).update(state="running", epoch=1, attempts=1, **held)


def rows(first_slot: int) -> bytes:
    """Enough rows of a COPY for the server to have written the first ones."""
    numbers = range(20_000)
    return b"".join(b"%d\t%d\t2040-01-31\t123\n" % (first_slot + n, 10**15 + n) for n in numbers)


def mint_the_rest() -> None:
    upkeep.reconcile(ring=lambda: None)
    work.work(duration=timedelta(seconds=5))


def test_a_chunk_frozen_in_mid_copy_is_minted_by_another(submit, frozen):
    job = submit(count=1_000)
    chunk = Chunk.objects.get()
    hold(chunk, by=frozen)
    with suppress(psycopg.OperationalError), frozen.cursor().copy(_COPY) as copy:
        copy.write(rows(chunk.first_slot))
        mint_the_rest()
        assert Job.objects.get(id=job.id).status == "succeeded"
    assert frozen.broken
    assert Card.objects.count() == 1_000


def test_a_connection_that_has_gone_on_to_other_work_is_left_alone(submit, frozen):
    submit(count=1_000)
    hold(Chunk.objects.get(), by=frozen)
    frozen.rollback()
    frozen.execute("SELECT 1")
    mint_the_rest()
    assert frozen.execute("SELECT 2").fetchone() == (2,)
    assert Card.objects.count() == 1_000


def test_whoever_freezes_while_reconciling_or_claiming_loses_its_locks(submit):
    submit(count=1_000)
    shown = "SHOW idle_in_transaction_session_timeout"
    with transaction.atomic(), connection.cursor() as cursor:
        assert reconciling.alone()
        assert cursor.execute(shown).fetchone() == ("30s",)
    with transaction.atomic(), connection.cursor() as cursor:
        work.lease_next()
        assert cursor.execute(shown).fetchone() == ("30s",)


def test_a_chunk_whose_row_is_locked_is_taken_back_the_next_time(submit, frozen):
    """By somebody whose connection nobody knows: a pool's."""
    submit(count=100)
    hold(Chunk.objects.get(), by=frozen)
    Chunk.objects.update(backend_pid=None, backend_start=None)
    frozen.execute("SELECT FROM jobs_chunk FOR NO KEY UPDATE")
    upkeep.reconcile(ring=lambda: None)
    assert Chunk.objects.get().state == "running"
    frozen.rollback()
    upkeep.reconcile(ring=lambda: None)
    assert Chunk.objects.get().state == "waiting"


@pytest.mark.parametrize(("table", "late"), [("uniqueness_reservation", False), ("jobs_job", True)])
def test_the_reconciler_waits_for_no_row_of_a_worker_that_froze_before_its_commit(
    submit, frozen, table, late
):
    """Its lease still runs: whoever waited now would not come to end its connection afterwards."""
    job = submit(count=100)
    hold(Chunk.objects.get(), by=frozen)
    Chunk.objects.update(lease_until=timezone.now() + timedelta(hours=1))
    Job.objects.update(deadline=timezone.now() - timedelta(hours=1) if late else None)
    frozen.execute(f"SELECT FROM {table} FOR NO KEY UPDATE")
    upkeep.reconcile(ring=lambda: None)
    frozen.rollback()
    upkeep.reconcile(ring=lambda: None)
    assert Job.objects.get(id=job.id).error_code == ("deadline_missed" if late else "")
