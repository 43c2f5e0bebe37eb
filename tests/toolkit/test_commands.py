"""What every command of ours does."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.support.threads import at_once
from toolkit.commands import OperatorCommand


class Writes(OperatorCommand):
    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_arguments: Any, **options: Any) -> None:
        options["file"].write_text("4")


@pytest.fixture(autouse=True)
def usual_mode() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_a_command_writes_nobody_else_may_read(tmp_path):
    Writes().run_from_argv(["manage.py", "writes", f"{tmp_path / 'cards'}"])
    assert stat.S_IMODE((tmp_path / "cards").stat().st_mode) == 0o600


def test_commands_in_threads_leave_the_mode_of_the_process_alone(tmp_path):
    at_once(8, lambda number: call_command(Writes(), tmp_path / str(number)))
    assert stat.S_IMODE((tmp_path / "7").stat().st_mode) == 0o644


class Refuses(OperatorCommand):
    def handle(self, *_arguments: Any, **_options: Any) -> None:
        raise CommandError("2 unknown numbers found", returncode=2)


def test_a_refusal_is_a_line_that_names_no_class(capsys):
    with pytest.raises(SystemExit) as ended:
        Refuses().run_from_argv(["manage.py", "refuses"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "cardgen: 2 unknown numbers found\n"


def test_whoever_asks_for_a_traceback_gets_it():
    with pytest.raises(CommandError):
        Refuses().run_from_argv(["manage.py", "refuses", "--traceback"])


def test_whoever_calls_a_command_gets_the_error():
    with pytest.raises(CommandError):
        call_command(Refuses())
