"""Commands about a distributed ledger, on a server that knows nothing of one."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from tests.support.commands import run
from tests.support.distributing import only_local
from uniqueness import sharding
from uniqueness.models import Card
from uniqueness.sharding import is_distributed

pytestmark = [
    only_local("these are about one that is not"),
    pytest.mark.django_db(databases=["default", "owner"]),
]


def test_a_ledger_in_one_table_is_not_distributed() -> None:
    is_distributed.cache_clear()
    assert not is_distributed()


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--yes",), ("--yes", "--shards", "32")])
def test_without_the_extension_nothing_is_done_and_it_is_said_why(options: tuple[str, ...]) -> None:
    done = run("distribute_ledger", *options)
    assert done.returncode == 3
    assert "nothing was changed" in done.stderr
    assert "this database has no extension citus; remedy: install Citus" in done.stderr


@pytest.mark.parametrize(
    ("option", "why"),
    [("--yes", "Not through PgBouncer, nothing was changed"), ("--dry-run", "no extension citus")],
)
def test_through_a_pooler_that_others_use_one_may_only_look(
    settings: Settings, option: str, why: str
) -> None:
    settings.CARDGEN_POOLED = True
    done = run("distribute_ledger", option)
    assert (done.returncode, why in done.stderr) == (3, True)


@pytest.mark.parametrize("shards", ["0", "-1", "257", "many", "1.5"])
def test_a_number_of_shards_that_cannot_be_is_refused(shards: str) -> None:
    assert run("distribute_ledger", "--shards", shards).returncode == 2


def test_a_proof_of_one_table_asks_nobody_to_pause() -> None:
    assert run("validate_uniqueness").returncode == 0


def test_a_ledger_in_one_table_needs_no_way_back() -> None:
    done = run("distribute_ledger", "--undo", "--yes")
    assert (done.returncode, done.stdout) == (
        0,
        "the ledger is in one table already: nothing to do\n",
    )


@pytest.fixture
def interrupted() -> Iterator[None]:
    """What is left where a distribution was killed before its last step."""
    for step in list(sharding.steps(connection, shards=4))[:3]:
        sharding.carry_out(connection, step)
    yield
    sharding.make_whole(connection)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_interrupted_distribution_is_undone(interrupted: None) -> None:
    before = indexes()
    shown = run("distribute_ledger", "--undo", "--dry-run")
    assert "the primary key is that index" in shown.stdout
    assert run("distribute_ledger", "--undo").returncode == 2, "nobody can be asked"
    assert indexes() == before == {"card_by_slot", "one_card_per_pan"}
    done = run("distribute_ledger", "--undo", "--yes")
    assert (done.returncode, "Restart web" in done.stderr) == (0, True)
    assert indexes() == {"one_card_per_pan", "uniqueness_ledger_pkey"}
    assert run("validate_uniqueness").returncode == 0


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_slot_with_two_cards_gets_no_primary_key(interrupted: None) -> None:
    slot = 10**12 * 999
    for pan in ("4" * 16, "5" * 16):
        Card.objects.create(slot=slot, pan=pan, expiry="2030-01-31", cvv="123")
    for _ in range(2):
        refused = run("distribute_ledger", "--undo", "--yes")
        assert (refused.returncode, "a slot has two cards" in refused.stderr) == (3, True)
        assert "4" * 16 not in refused.stderr
    Card.objects.filter(slot=slot).delete()
    assert run("distribute_ledger", "--undo", "--yes").returncode == 0


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid AND"
            " indrelid = 'uniqueness_ledger'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}
