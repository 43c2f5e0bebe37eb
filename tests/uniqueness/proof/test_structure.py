"""PostgreSQL's amcheck, over one table or over shards; it is not in every PostgreSQL."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from generation.models import IssuerRange
from tests.jobs.proof.proving import done
from tests.support.distributing import is_wanted, only_distributed
from tests.support.fixtures import Submit
from tests.support.ports import free_port
from uniqueness.proof.findings import Check, Offenders
from uniqueness.proof.structure import check_structure

_SHARD = "SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'uniqueness_ledger'::regclass"
_NOBODY_LISTENS = "UPDATE pg_dist_node SET nodeport = %s"
_READY = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'one_card_per_pan{}'::regclass"
_PAST_INDEX = """
    INSERT INTO uniqueness_ledger{0}
    SELECT max(slot) + 1, max(pan), max(expiry), max(cvv) FROM uniqueness_ledger{0}
"""


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def available(transactional_db: None) -> None:
    """See that there is one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'amcheck'")
        if not cursor.rowcount:
            pytest.skip("this PostgreSQL has no amcheck")


@pytest.fixture
def amcheck(available: None) -> Iterator[None]:
    """Have the extension, in a distributed ledger on every node."""
    execute("CREATE EXTENSION amcheck")
    yield
    execute("DROP EXTENSION amcheck")


@pytest.fixture
def cards(submit: Submit, small_range: IssuerRange) -> None:
    """Some rows in every shard."""
    done(submit, range=small_range.name, count=100)


def damage() -> str:
    """Let a row lie in one table without its index knowing; the table's ending."""
    ending = ""
    with connection.cursor() as cursor:
        if is_wanted():
            cursor.execute(_SHARD)
            ending = f"_{cursor.fetchone()[0]}"
            cursor.execute("SET citus.enable_manual_changes_to_shards = on")
        cursor.execute("SET allow_system_table_mods = on")
        cursor.execute(_READY.format("false", ending))
        cursor.execute(_PAST_INDEX.format(ending))
        cursor.execute(_READY.format("true", ending))
    connection.close()  # and what was set for it
    return ending


def names(found: Offenders) -> list[str]:
    return found.names.get(Check.STRUCTURE, [])


def test_good_indexes_are_sound(amcheck: None, cards: None) -> None:
    found, why_not = check_structure()
    assert (names(found), why_not) == ([], "")


def test_a_row_that_its_index_does_not_know_is_found(amcheck: None, cards: None) -> None:
    shard = damage().removeprefix("_")
    found, why_not = check_structure()
    assert why_not == ""
    (name,) = names(found)
    if shard:
        assert name.startswith(f"shard {shard} on 127.0.0.1:")
        assert name.endswith(": one_card_per_pan is corrupt")
    else:
        assert name == "index one_card_per_pan is corrupt (SQLSTATE XX001)"


@only_distributed
def test_nodes_that_have_no_amcheck_are_not_taken_for_damaged(available: None, cards: None) -> None:
    found, why_not = check_structure()
    assert (names(found), "CREATE EXTENSION amcheck" in why_not) == ([], True)


@only_distributed
def test_a_role_that_may_not_look_is_told_so(amcheck: None, cards: None) -> None:
    execute("CREATE ROLE curious LOGIN")
    execute("GRANT SELECT ON uniqueness_ledger TO curious")
    execute("SET ROLE curious")
    try:
        found, why_not = check_structure()
    finally:
        execute("RESET ROLE; DROP OWNED BY curious; DROP ROLE curious")
    assert names(found) == []
    assert why_not.startswith("this database user may not use amcheck on every node")


@only_distributed
def test_a_node_that_is_away_is_not_taken_for_damaged(amcheck: None, cards: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NOBODY_LISTENS, [free_port()])
        found, why_not = check_structure()
        transaction.set_rollback(True)
    assert (names(found), why_not) == ([], "a node does not answer")
    found, why_not = check_structure()
    assert (names(found), why_not) == ([], "")
