"""Tests that roll the catalogue back leave tables that are no larger for the next ones."""

import pytest
from django.db import connection, transaction

from tests.support.fixtures import LOAD
from tests.support.sweeping import sweep
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
RANGES, EXCLUSIONS = "generation_issuerrange", "uniqueness_exclusion"
_BYTES = "SELECT sum(pg_relation_size(name::regclass)) FROM unnest(%s::text[]) name"


def load_and_roll_back() -> None:
    """Do what a test does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOAD)
        transaction.set_rollback(True)


def size(*tables: str) -> int:
    """How many bytes tables have."""
    with connection.cursor() as cursor:
        cursor.execute(_BYTES, [list(tables)])
        return int(cursor.fetchone()[0])


def swept() -> int:
    """Sweep; PostgreSQL may be at it itself, and is not waited for."""
    sweep()
    return size(RANGES, EXCLUSIONS)


def test_what_is_rolled_back_is_taken_away(saved_catalogue: None) -> None:
    load_and_roll_back()
    assert size(RANGES, EXCLUSIONS) > 0
    wait_until(lambda: swept() == 0)


def test_a_table_that_the_test_itself_has_locked_is_left_alone(saved_catalogue: None) -> None:
    load_and_roll_back()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {RANGES} IN ACCESS EXCLUSIVE MODE")
        before = size(RANGES)
        sweep()
        assert size(RANGES) == before
