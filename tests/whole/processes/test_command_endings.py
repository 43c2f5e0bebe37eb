"""How a command ends that cannot go on: an exit code of its own, one line, no traceback."""

import subprocess
from pathlib import Path
from typing import BinaryIO

import psycopg
import pytest
from django.db import OperationalError

from tests.support.commands import MANAGE, environment
from toolkit import endings

pytestmark = pytest.mark.django_db(transaction=True)


def run(
    *arguments: str, env: dict[str, str] | None = None, stdout: BinaryIO | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*MANAGE, *arguments],
        env=env or environment(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["validate_uniqueness"],
        ["verify_cards", "--job", "00000000-0000-0000-0000-000000000000"],
        ["import_exclusions", "/dev/null"],
        ["remove_exclusion", "--source", "x", "--reason", "the list was wrong"],
        ["purge_cards", "--older-than", "1"],
        ["cleanup_pool"],
        ["scan", "/dev/null"],
    ],
)
def test_without_a_database_every_command_says_so_and_what_to_do(tmp_path, command):
    nowhere = environment(DATABASE_URL=f"postgres://x@/x?host={Path(tmp_path)}")
    done = run(*command, env=nowhere)
    assert (done.returncode, b"make run" in done.stderr) == (3, True), done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["hash_numbers"], ["explain", "-"], ["renew_cards"], ["remove_exclusion", "-"]]
)
def test_ctrl_c_ends_a_command_that_waits_for_its_input(db, command):
    if command == ["remove_exclusion", "-"]:
        command = [*command, "--reason", "the list was wrong"]
    process = subprocess.Popen(
        # A suite run in the background ignores Ctrl-C, and its children would inherit that.
        ["env", "--default-signal=INT", *MANAGE, *command],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    line = b"4\n" if command == ["hash_numbers"] else b" \n"
    process.stdin.write(line * 100_000)  # more than is buffered: it has read some
    process.stdin.flush()
    process.send_signal(2)
    errors = process.communicate(timeout=30)[1]
    assert (process.returncode, b"interrupted" in errors) == (130, True), errors
    assert b"Traceback" not in errors


def test_a_full_disk_under_the_output_is_not_taken_for_a_finding(db):
    with Path("/dev/full").open("wb") as full:
        done = run("validate_uniqueness", stdout=full)
    assert done.returncode == 3
    assert done.stderr == b"The output cannot be written: No space left on device\n"


def test_a_reader_that_has_gone_is_not_taken_for_a_finding(db):
    command = [*MANAGE, "validate_uniqueness"]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (141, b"")


def test_a_failing_statement_is_told_by_its_first_line(monkeypatch):
    cause = psycopg.errors.AdminShutdown()
    error = OperationalError('terminating connection\nCONTEXT:  COPY t, line 7: "4000001234567899"')
    error.__cause__ = cause
    assert endings.told(error) == "The database gave up: terminating connection"
