"""What `make migrations` measures with: full tables, a writer that waits, changes by the rules."""

import time

import pytest
from django.db import connection, transaction

from bench.migrations.filling import FILL, fill
from bench.migrations.measuring import TRIED, Measured, table
from bench.migrations.writer import Writer
from cardgen.upgrade import held_up
from jobs.models import Chunk, Job
from uniqueness.models import Card, Exclusion

_HELD = 0.1  # seconds


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_tables_are_filled_and_a_writer_tells_how_long_it_had_to_wait(user, small_range):
    fill(dict.fromkeys(FILL, 5))
    assert Card.objects.count() == Exclusion.objects.count() == Job.objects.count() == 5
    assert Chunk.objects.filter(job__in=Job.objects.all(), state="done").count() == 5
    writer = Writer(list(FILL))
    writer.start()
    with writer.watched() as wait, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE uniqueness_ledger IN SHARE MODE")
        time.sleep(_HELD)
    writer.end()
    assert wait.seconds >= _HELD / 2


def test_what_is_tried_last_is_what_the_rules_stop():
    assert [bool([*held_up(f"{sql};")]) for sql in TRIED.values()] == [False] * 4 + [True] * 2


def test_the_table_tells_what_was_measured():
    slow = Measured(what="an index", seconds=1.234, waited=1.2, stopped=True)
    assert table([slow]).splitlines()[2] == "| an index | 1.23 s | 1.20 s | stops it |"
