"""Backups: whole or not there, private, proven by restoring them; refused where they do not fit."""

import fcntl
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pyrage import x25519

from cardgen import backup
from cardgen.backup import encryption, escrow, manifest, programs
from cardgen.backup.creating import _dump
from cardgen.backup.errors import NotBackedUp, NotRestored
from cardgen.backup.files import check_files
from jobs import work
from tests.support.distributing import only_local
from tests.support.work import LONG
from toolkit.exit_codes import ExitCode
from toolkit.refusals import Refusal
from uniqueness import sharding
from uniqueness.pool import recording

pytestmark = pytest.mark.django_db(transaction=True)
PASSPHRASE = "correct horse battery staple, and a donkey"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def made(catalogue, place) -> Path:
    return backup.create(place)


def edit(folder: Path, **changes: object) -> None:
    path = folder / manifest.NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@contextmanager
def refused(words: str, *, kind: type[Refusal] = NotRestored) -> Iterator[None]:
    with pytest.raises(kind) as refusal:
        yield
    assert words in refusal.value.detail


def test_one_command_makes_a_backup_that_is_proven(submit, place, settings, capsys):
    identity = place.with_name("identity")
    settings.CARDGEN_BACKUP_RECIPIENTS = [backup.new_identity(identity)]
    submit(count=300)
    work.work(duration=LONG)
    call_command("backup", place, verify=True, identity=identity)
    (made,) = place.glob("cardgen-*")
    assert capsys.readouterr().out == f"{made}\n"
    assert {one.name for one in made.iterdir()} == {"database.dump.age", "manifest.json"}
    assert {one.stat().st_mode & 0o777 for one in made.iterdir()} == {0o600}
    told = backup.read(made)
    assert told.cards == 300
    assert list(told.positions.values()) == [300]
    assert b"AGE" not in (made / "database.dump.age").read_bytes()[:3]
    with refused("encrypted for another key"):
        other = place.with_name("other")
        backup.new_identity(other)
        encryption.unseal(made / told.dump, io.BytesIO(), identity=other)


def keys() -> list[str]:
    """The unique indexes of the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE indrelid = 'uniqueness_ledger'::regclass AND indisunique ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@only_local("it is made whole where it is one table")
def test_a_backup_of_a_distributed_ledger_has_its_primary_key_again(submit, place):
    submit(count=300)
    work.work(duration=LONG)
    try:
        for step in list(sharding.steps(connection, shards=4))[:3]:
            sharding.carry_out(connection, step)
        assert keys() == ["one_card_per_pan"]
        call_command("backup", place, verify=True)
    finally:
        sharding.make_whole(connection)
    assert keys() == ["one_card_per_pan", "uniqueness_ledger_pkey"]
    (made,) = place.glob("cardgen-*")
    assert backup.read(made).cards == 300


def test_the_master_key_lies_behind_the_passphrase(made, settings, tmp_path):
    key, check = tmp_path / "master.key", backup.read(made).key_check
    with refused("holds no master key"):
        backup.take_out(made, into=key, check=check)
    settings.CARDGEN_BACKUP_PASSPHRASE = PASSPHRASE
    assert escrow.put_in(made)
    backup.take_out(made, into=key, check=check)
    assert key.read_text() == settings.CARDGEN_MASTER_KEY.hex() + "\n"
    assert key.stat().st_mode & 0o777 == 0o600
    settings.CARDGEN_BACKUP_PASSPHRASE = PASSPHRASE[::-1]
    with refused("another passphrase"):
        backup.take_out(made, into=tmp_path / "none", check=check)


def test_a_database_that_is_not_empty_stays_as_it_is(made):
    with pytest.raises(CommandError, match="not empty") as refusal:
        call_command("restore", made)
    assert refusal.value.returncode == ExitCode.REFUSED


def test_a_restore_steps_past_what_was_written_down(made, place, capsys):
    with pytest.raises(CommandError, match="when the database was lost"):
        call_command("restore", recorded=place)
    recording.write(place)
    call_command("restore", recorded=place)
    assert "68,000,000 numbers more" in capsys.readouterr().err
    with pytest.raises(CommandError, match="say which backup"):
        call_command("restore")


def test_a_backup_of_a_newer_cardgen_is_refused(made):
    edit(made, migrations=["jobs.9999_from_the_future"])
    with refused("newer cardgen (migration jobs.9999_from_the_future)"):
        backup.restore(made)


def test_a_backup_of_another_master_key_is_refused(made, settings):
    settings.CARDGEN_MASTER_KEY = bytes(range(32))
    with refused("another master key"):
        backup.restore(made)


def test_a_file_that_is_cut_short_or_changed_is_named(made):
    dump, told = made / manifest.DUMP, backup.read(made)
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-100])
    with refused("database.dump is cut short"):
        check_files(made, told.files)
    dump.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with refused("database.dump was changed"):
        check_files(made, told.files)
    dump.unlink()
    with refused("cannot be read"):
        check_files(made, told.files)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', '{"format": 1}'])
def test_what_is_no_manifest_is_no_backup(tmp_path, text):
    (tmp_path / manifest.NAME).write_text(text)
    with refused("is no backup"):
        backup.read(tmp_path)


def test_the_oldest_go_and_what_a_death_left_goes(made, place):
    (place / ".draft-1").mkdir()
    call_command("backup", place, keep=1)
    (kept,) = [one for one in place.iterdir() if one.is_dir()]
    assert backup.newest(place) == kept > made


def test_two_backups_at_once_are_refused(made, place):
    with (place / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with refused("being made", kind=NotBackedUp):
            backup.create(place)


def test_a_dump_that_fails_says_why_and_leaves_no_backup(catalogue, tmp_path):
    with refused("snapshot", kind=NotBackedUp):
        _dump(tmp_path, snapshot="0-0-0", version=18, watch=lambda _: None)


def test_a_server_too_new_for_all_programs_is_refused():
    with refused("PostgreSQL 99", kind=NotBackedUp):
        programs.located("pg_dump", version=99)


def test_a_key_pair_is_made_once_and_read_back(tmp_path, capsys):
    identity = tmp_path / "identity"
    call_command("backup", new_identity=identity)
    public = capsys.readouterr().out.strip()
    assert identity.stat().st_mode & 0o777 == 0o600
    assert str(encryption.read_identity(identity).to_public()) == public
    assert str(x25519.Recipient.from_str(public)) == public
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", new_identity=identity)


@pytest.mark.parametrize(
    ("text", "words"), [(None, "give --identity"), ("x", "no secret key"), ("", "no secret key")]
)
def test_what_is_no_identity_is_told(tmp_path, text, words):
    path = tmp_path / "identity"
    path.write_text(text or "")
    path.chmod(0o600)
    with pytest.raises(Refusal, match=words):
        encryption.read_identity(path if text is not None else None)
