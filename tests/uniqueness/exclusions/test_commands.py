"""The command line: report on stderr, JSON on stdout, exit codes that mean something."""

import json
import signal
import subprocess
from io import BytesIO, TextIOWrapper

import pytest
from django.core.management import CommandError, call_command

from tests.support.actors import entries
from tests.support.commands import MANAGE, environment
from tests.support.exclusions import excluded, kept
from tests.uniqueness.exclusions.files import OUTSIDE, numbers_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*MANAGE, *arguments], env=environment(), capture_output=True, timeout=100
    )


@pytest.fixture
def call(monkeypatch, capsys):
    """Run a command in this process; give exit code and standard error."""

    def run_here(*arguments: str, content: bytes = b"") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(content)))
        try:
            call_command(*arguments)
        except CommandError as error:
            return error.returncode, str(error) + capsys.readouterr().err
        return 0, capsys.readouterr().err

    return run_here


def test_a_file_is_imported_and_reported(small_range, tmp_path):
    file = tmp_path / "bank.csv"
    file.write_text(f"pan,name\n{OUTSIDE},Ann\nx,Bob\n{numbers_of(small_range, 1)[0]},Eve\n")
    done = run("import_exclusions", str(file), "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["new"], report["header"]) == (0, 2, 1)
    assert report["invalid_lines"][0]["line"] == 3
    assert b"2 new numbers excluded" in done.stderr
    assert b"line 3: only digits" in done.stderr
    assert kept(OUTSIDE).source == "bank.csv"
    entry = entries().get()
    assert (entry.via, entry.reason) == ("command", "import of bank.csv")


def test_digits_that_are_no_card_number_may_stand_in_names_and_reasons(call, db, tmp_path):
    file = tmp_path / "bins_20260715093007.txt"
    file.write_text(OUTSIDE)
    assert call("import_exclusions", str(file), "--reason", "contract 4500012345")[0] == 0
    assert {one.source for one in excluded().values()} == {file.name}
    assert call("import_exclusions", str(file), "--source", "bank 2026-07-15 09:30")[0] == 0


def test_standard_input_and_dry_run(call):
    content = f'"{OUTSIDE}"\n'.encode()
    code, told = call("import_exclusions", "-", "--format", "ndjson", "--dry-run", content=content)
    assert (code, "nothing was changed" in told) == (0, True)
    assert not excluded()


@pytest.mark.parametrize(
    ("arguments", "content", "code", "words"),
    [
        (["import_exclusions", "/no/such/file"], b"", 2, "No such file"),
        (["import_exclusions", "/"], b"", 2, "directory"),
        (["import_exclusions", "-"], b"", 2, "The file is empty"),
        (["import_exclusions", "-"], b"12\n", 2, "line 1: a number has 12 to 19 digits"),
        (["import_exclusions", "-"], OUTSIDE.encode("utf-16"), 2, "UTF-16"),
        (["import_exclusions", "-", "--reason", "x"], OUTSIDE.encode(), 2, "10 characters"),
        (["remove_exclusion", "--reason", "x" * 10], b"", 2, "give one number"),
        (["remove_exclusion", "--reason", "x" * 10], b"1234\n", 2, "line 1"),
        (["remove_exclusion", "--reason", "x"], OUTSIDE.encode(), 2, "10 characters"),
    ],
)
def test_what_cannot_be_done_has_its_exit_code(call, arguments, content, code, words):
    ended, told = call(*arguments, content=content)
    assert (ended, words in told) == (code, True), told
    assert OUTSIDE not in told
    assert not excluded()


def test_numbers_are_removed_from_a_file_and_from_stdin(call, small_range, tmp_path):
    first, second = numbers_of(small_range, 1, 2)
    call("import_exclusions", "-", content=text_of(first, second))
    file = tmp_path / "wrong.txt"
    file.write_text(f"{first}\n\n")
    reason = ("--reason", "the list was wrong")
    code, told = call("remove_exclusion", str(file), *reason)
    assert (code, "1 can be issued from now on" in told) == (0, True)
    assert call("remove_exclusion", *reason, content=second.encode())[0] == 0
    assert not excluded()


def test_a_refused_removal_names_lines_of_the_file(call, catalogue):
    content = text_of("", OUTSIDE, "", "4111111111111111")
    code, told = call("remove_exclusion", "--reason", "the list was wrong", content=content)
    assert (code, "nothing was removed. See line 4." in told) == (3, True), told


def test_a_whole_source_is_removed_after_a_dry_run(call, small_range):
    content = text_of(OUTSIDE, *numbers_of(small_range, 1))
    call("import_exclusions", "-", "--source", "bank", content=content)
    command = ["remove_exclusion", "--source", "bank", "--reason", "the list was wrong"]
    code, told = call(*command, "--dry-run")
    assert (code, "2 numbers would be removed" in told) == (0, True), told
    assert len(excluded()) == 2
    assert call(*command)[0] == 0
    assert not excluded()


def test_a_strict_import_has_an_exit_code_of_its_own(call, db):
    content = text_of("4929123456781236", "oops")
    for more in ([], ["--dry-run"]):
        code, told = call("import_exclusions", "-", "--strict", *more, content=content)
        assert (code, "nothing was changed" in told) == (4, True), told
        assert "line 2: only digits" in told
    assert not excluded()
    code, told = call("import_exclusions", "-", content=content)
    assert (code, told.splitlines()[-1]) == (0, "left out: 1 of 2 lines")
    assert call("import_exclusions", "-", "--strict", content=content[:17])[0] == 0


def test_a_refused_import_tells_what_is_wrong_and_how_often(call, db):
    code, told = call("import_exclusions", "-", content=b"12\nx\n34\n")
    assert code == 2
    assert "2 times: a number has 12 to 19 digits" in told


def test_ctrl_c_leaves_nothing(db):
    process = subprocess.Popen(
        # A suite run in the background ignores Ctrl-C, and its children would inherit that.
        ["env", "--default-signal=INT", *MANAGE, "import_exclusions", "-"],
        env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdin.write(text_of(*(f"{number:016d}" for number in range(200_000))))
    process.stdin.flush()  # more than is buffered: it has read some and waits for more
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=30)[1]
    assert (process.returncode, b"nothing was imported" in errors) == (130, True), errors
    assert not excluded()
