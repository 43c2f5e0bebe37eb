"""Who may part the ledger or bring it back: one at a time, and a role that may do all of it."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from tests.support.commands import run
from tests.support.distributing import only_local
from uniqueness import sharding
from uniqueness.locks import Space
from uniqueness.sharding import Step, StepFailed, carry_out
from uniqueness.stats.layers import Health, layers

pytestmark = [
    only_local("these begin with one that is not"),
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
_INDEXES = """
    SELECT array_agg(indexrelid::regclass::text ORDER BY 1) FROM pg_index
    WHERE indrelid = 'uniqueness_ledger'::regclass
"""


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        return list(cursor.fetchone()[0])


@pytest.fixture
def interrupted() -> Iterator[list[str]]:
    """What is left where a distribution was killed before its last step; the indexes."""
    for step in list(sharding.steps(connection, shards=4))[:3]:
        carry_out(connection, step)
    yield indexes()
    sharding.make_whole(connection)


@pytest.mark.parametrize("option", ["--yes", "--undo"])
def test_one_at_a_time_parts_the_ledger_or_brings_it_back(option: str) -> None:
    before = indexes()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s, 0)", [int(Space.SHARDS)])
        held_off = run("distribute_ledger", option)
        looked = run("distribute_ledger", option, "--dry-run")
    assert (held_off.returncode, "another distribute_ledger is at work" in held_off.stderr) == (
        3,
        True,
    )
    assert "another" not in looked.stderr
    assert indexes() == before
    assert "another" not in run("distribute_ledger", option).stderr


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The role that comes as the owner owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE weak")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak")
    owner = connections["owner"]
    owner.close()
    options = owner.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "options", f"{options.get('options', '')} -c role=weak")
    yield
    owner.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY weak; DROP ROLE weak")


@pytest.mark.parametrize("options", [["--yes"], ["--undo", "--yes"], ["--dry-run"]])
def test_a_role_without_rights_is_told_before_anything_is_changed(
    interrupted: list[str], weak: None, options: list[str]
) -> None:
    refused = run("distribute_ledger", *options)
    assert (refused.returncode, "nothing was changed" in refused.stderr) == (3, True)
    assert "role weak does not own the table uniqueness_ledger; remedy: give" in refused.stderr
    assert "role weak does not own the database" in refused.stderr
    assert "role weak may make no index in the schema public" in refused.stderr
    assert indexes() == interrupted


def test_a_ledger_in_one_table_needs_no_right_to_stay_there(weak: None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("weak",)
    assert run("distribute_ledger", "--undo", "--yes").returncode == 0


def test_what_the_database_refuses_is_told_without_a_number() -> None:
    with pytest.raises(StepFailed, match=r"^Not done: a step: .*masked.* What came before") as told:
        carry_out(connection, Step("a step", "SELECT '4929123456781236'::date"))
    assert "4929123456781236" not in str(told.value)


def test_an_interrupted_one_is_told_everywhere_with_what_to_do(interrupted: list[str]) -> None:
    assert "ledger: NOT WELL: is on its way into shards or out of them" in run("doctor").stdout
    first, *_ = layers()
    assert (first.health, "give cardgen distribute_ledger again" in first.advice) == (
        Health.FAULT,
        True,
    )


def test_a_key_that_is_gone_without_one_is_damage() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE uniqueness_ledger DROP CONSTRAINT uniqueness_ledger_pkey")
    first, *_ = layers()
    sharding.make_whole(connection)
    assert (first.health, "restore the database" in first.advice) == (Health.FAULT, True)


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], int]]:
    """Have a terminal on standard input, and what is typed there."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        yield lambda keys: os.write(ours, keys)
    os.close(ours)


@pytest.mark.parametrize("keys", [b"\x04", b"\n", b"Undo\n", b"distribute\n"])
def test_whoever_does_not_agree_changes_nothing(
    interrupted: list[str], type_in: Callable[[bytes], int], keys: bytes
) -> None:
    type_in(keys)
    with pytest.raises(CommandError, match=r"^nothing was changed$") as refused:
        call_command("distribute_ledger", "--undo", stdout=StringIO(), stderr=StringIO())
    assert (refused.value.returncode, indexes()) == (3, interrupted)


@pytest.fixture
def heard() -> Iterator[None]:
    """A run in the background ignores Ctrl-C otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_at_the_question_changes_nothing(
    interrupted: list[str],
    type_in: Callable[[bytes], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = StringIO()
    monkeypatch.setattr(sys, "stdout", asked)
    main = threading.get_ident()

    def press() -> None:
        while "to go on" not in asked.getvalue():
            time.sleep(0.01)
        signal.pthread_kill(main, signal.SIGINT)

    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    with pytest.raises(CommandError, match=r"^interrupted; nothing was changed$") as ended:
        call_command("distribute_ledger", "--undo", stdout=StringIO(), stderr=StringIO())
    finger.join()
    assert (ended.value.returncode, indexes()) == (130, interrupted)
    type_in(b"undo\n")
    call_command("distribute_ledger", "--undo", stdout=StringIO(), stderr=StringIO())
    assert indexes() == ["one_card_per_pan", "uniqueness_ledger_pkey"]
