"""Commands about a distributed ledger, on a server that knows nothing of one."""

import pytest

from tests.support.commands import run
from tests.support.distributing import only_local
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


@pytest.mark.parametrize("shards", ["0", "-1", "257", "many", "1.5"])
def test_a_number_of_shards_that_cannot_be_is_refused(shards: str) -> None:
    assert run("distribute_ledger", "--shards", shards).returncode == 2


def test_a_proof_of_one_table_asks_nobody_to_pause() -> None:
    assert run("validate_uniqueness").returncode == 0
