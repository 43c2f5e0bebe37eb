"""The same mistake has the same exit code in every command."""

import errno
import os
import pwd
import re
from collections.abc import Callable
from io import BytesIO, TextIOWrapper

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.db import OperationalError, connections

from chaos.command import Command as Chaos
from generation.models import IssuerRange
from jobs.models import Job
from tests.support.actors import entries
from tests.support.keys import make_user
from toolkit import endings
from toolkit.exit_codes import ExitCode
from uniqueness.models import AuditEntry

OURS = ("cardgen", "cardgen.access", "jobs", "uniqueness")
NUMBER = "4242424242424242"
WELL = {
    "create_api_key": "--user admin --name nightly",
    "set_quota": "--for-user admin --active-jobs 3 --reason because_it_is_so",
    "generate_cards": "--scheme visa --count 2",
    "renew_cards": "",
    "queue": "--pause --reason because_it_is_so",
    "purge_cards": "--older-than 9",
    "forget_jobs": "--older-than 9",
    "advance_cursors": "--by 9 --reason because_it_is_so",
    "register_range": "--scheme visa --iin 42345678 --pan-length 16 --statement because_it_is_so",
    "switch": "--tier brand_shape on --reason because_it_is_so",
    "import_exclusions": "-",
    "remove_exclusion": "--reason because_it_is_so",
    "validate_uniqueness": "",
    "export_bloom": "--range 999994-16 --out /tmp",
}
OF_HTTP = re.compile(
    r"\b(?:GET|POST|PATCH|JSON|[Ss]end|request|as text|quotes|places?)\b|/api/|\"\w+\":"
    r"|\b(?:cardholder_name|service_code|pin_length|distinct_last_four): "
)
NOBODY = "--user nobody"
NO_JOB = "--job 00000000-0000-0000-0000-000000000000"
NO_RANGE = "--range 123456-16"
SHORT = "--reason x"
NOWHERE = "/no/such/folder/file"
MISTAKES = {
    "an unknown user": [
        *(f"{name} {WELL[name]} {NOBODY}" for name in (
            "create_api_key", "generate_cards", "renew_cards",
        )),
        "set_quota --for-user nobody --show",
    ],
    "an unknown profile": ["generate_cards --profile none"],
    "an unknown job": [
        *(f"{name} {NO_JOB}" for name in ("purge_cards", "verify_cards", "validate_uniqueness")),
        NO_JOB.replace("--", ""),
        f"{NO_JOB.replace('--', '')} --retry",
    ],
    "an unknown range": [
        f"generate_cards --count 2 {NO_RANGE}",
        f"switch {NO_RANGE} off --reason because_it_is_so",
        f"export_bloom --out /tmp {NO_RANGE}",
        *(f"{name} {NO_RANGE}" for name in ("validate_uniqueness", "sync_bloom", "warm_cache")),
    ],
    "an unknown scheme": [
        "generate_cards --scheme vsa --count 2",
        f"register_range {WELL['register_range']} --scheme vsa",
    ],
    "a reason that says nothing": [f"{name} {WELL[name]} {SHORT}" for name in (
        "set_quota", "queue", "advance_cursors", "switch", "import_exclusions", "remove_exclusion",
    )],
    "a file that is not there": [
        f"import_exclusions {NOWHERE}",
        f"remove_exclusion {NOWHERE} --reason because_it_is_so",
        f"scan {NOWHERE}",
    ],
    "a place that takes no file": [
        f"generate_cards {WELL['generate_cards']} --out {NOWHERE}",
        "generate_cards --scheme visa --count 2 --out /dev/null/x",
        "export_bloom --range 999994-16 --out /dev/null/x",
        "chaos --scenario R6 --out /dev/null/x",
    ],
    "a number out of bounds": [
        "generate_cards --scheme visa --count 0",
        "renew_cards --months 0",
        "purge_cards --older-than -1",
        "forget_jobs --older-than 0",
        "advance_cursors --by x --reason because_it_is_so",
        "set_quota --for-user admin --active-jobs 0",
        "validate_uniqueness --threads 0",
        "warm_cache --newest 0",
        "register_range --scheme visa --iin 4 --pan-length 16 --statement because_it_is_so",
        "chaos --jobs 0",
        "run --port x",
    ],
    "an option of an order": [
        f"generate_cards --scheme visa --count 2 {option}" for option in (
            "--count ten", "--count 10_000_000_000", "--expiry soon", "--expiry 2001-05",
            "--expiry 2001-13", "--cvv x", "--cvv 12345", "--cardholder-name Ü", "--address |",
            "--postcode |", "--service-code 999", "--pin-length 3", "--pin-length x",
            "--fields pan,pan", "--fields x", "--ordering sequential --distinct-last-four",
            "--count 20000 --distinct-last-four", "--defect non_digit --distinct-last-four",
            "--defect non_digit --fields track2",
        )
    ],
    # As Python hands on an argument that is no UTF-8.
    "bytes that are no text": [
        *(f"{name} {WELL[name]} --user \udcff" for name in (
            "create_api_key", "generate_cards", "renew_cards",
        )),
        *(f"{name} {WELL[name]} --reason because_\udcff_it_is_so" for name in (
            "set_quota", "queue", "advance_cursors", "switch", "import_exclusions",
        )),
        *(f"generate_cards --count 2 {option} \udcff" for option in (
            "--scheme", "--range", "--scheme visa --label", "--scheme visa --cvv",
            "--scheme visa --fields", "--scheme visa --expiry", "--scheme visa --address",
        )),
        "import_exclusions - --source \udcff",
        "remove_exclusion --reason because_it_is_so --source \udcff",
        "register_range --scheme visa --iin 42345678 --pan-length 16 --statement because_\udcff_it",
        "register_range --scheme \udcff --iin 42345678 --pan-length 16 --statement because_it_is",
        "register_range --scheme visa --iin \udcff --pan-length 16 --statement because_it_is",
        *(f"{name} --range \udcff" for name in (
            "validate_uniqueness", "sync_bloom", "warm_cache", "export_bloom --out /tmp",
            "switch off --reason because_it_is_so",
        )),
        "set_quota --for-user \udcff --show",
        "set_quota --for-key \udcff --show",
        "explain \udcff",
    ],
    "a line that is no number": [
        "explain x", "import_exclusions --format csv -", "hash_numbers",
        f"remove_exclusion {WELL['remove_exclusion']}",
    ],
}  # fmt: skip
IN_OTHER_WORDS = {
    "--expiry 2001-05": "To ask for expired cards, give --defect expired",
    "--cvv x": "--cvv: Write 3 or 4 digits.",
    "--pin-length x": "--pin-length: Write a whole number from 4 to 12 (ISO 9564-1).",
    "--count ten": "--count: Write a whole number.",
    "--cardholder-name Ü": "--cardholder-name: Write 2 to 26 characters",
    "--scheme vsa": "`cardgen schemes` lists the codes",
}


def read(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))


@pytest.fixture
def ends(catalogue, monkeypatch) -> Callable[[str], int]:
    """Give a command line as an operator does, in this process; return the exit code."""
    User.objects.create_superuser("admin")
    # The connection is the test's, and a command closes it in the end.
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(line: str) -> int:
        name, *arguments = line.split()
        command = Chaos() if name == "chaos" else load_command_class(get_commands()[name], name)
        try:
            return endings.run(lambda: command.run_from_argv(["manage.py", name, *arguments]))
        except SystemExit as ended:
            return int(ended.code or 0)

    return run


@pytest.mark.parametrize(
    ("mistake", "line"),
    [(mistake, line) for mistake, lines in MISTAKES.items() for line in lines],
)
def test_what_is_written_wrongly_is_a_bad_request(ends, monkeypatch, capsys, mistake, line):
    read(monkeypatch, "x\n" if mistake == "a line that is no number" else f"{NUMBER}\n")
    assert ends(line) == ExitCode.BAD_REQUEST
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert not OF_HTTP.search(told), told
    assert not AuditEntry.objects.exclude(action="register_range").exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(("option", "said"), IN_OTHER_WORDS.items())
def test_what_http_callers_are_told_is_said_as_one_types_it(ends, capsys, option, said):
    assert ends(f"generate_cards --scheme visa --count 2 {option}") == ExitCode.BAD_REQUEST
    assert said in capsys.readouterr().err


def test_a_range_that_is_off_is_refused_with_the_command_that_helps(ends, capsys):
    assert ends("generate_cards --scheme amex --count 2") == ExitCode.REFUSED
    told = capsys.readouterr().err
    assert told.startswith("cardgen: Issuer range 3")
    assert "cardgen switch --tier brand_shape on" in told
    assert not OF_HTTP.search(told)


def test_choices_are_told_as_one_types_them(ends, capsys):
    assert ends("generate_cards --scheme visa --count 2 --defect x") == ExitCode.BAD_REQUEST
    told = capsys.readouterr().err
    assert "luhn" in told
    assert "Defect." not in told


@pytest.mark.parametrize(
    "name", sorted(name for name, app in get_commands().items() if app in OURS)
)
def test_an_option_that_is_not_there_is_a_bad_request_everywhere(ends, name):
    assert ends(f"{name} {WELL.get(name, '')} --no-such-option") == ExitCode.BAD_REQUEST


@pytest.mark.parametrize(
    "line",
    [
        "load_catalogue",
        "generate_cards --scheme visa --count 2",
        "validate_uniqueness",
        "scan -",
        "explain 4000001234567899",
    ],
)
def test_another_master_key_is_refused(ends, monkeypatch, capsys, line):
    IssuerRange.objects.update(key_check_value="000000")
    read(monkeypatch, f"{NUMBER}\n")
    assert ends(line) == ExitCode.REFUSED
    assert "another master key" in capsys.readouterr().err
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "line",
    [
        "generate_cards --scheme visa --count 2",
        "renew_cards",
    ],
)
def test_without_an_administrator_it_is_said_how_to_make_one(ends, monkeypatch, capsys, line):
    User.objects.all().delete()
    read(monkeypatch, f"{NUMBER}\n")
    assert ends(line) == ExitCode.REFUSED
    assert "createsuperuser" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["switch", "register_range", "set_quota", "queue", "advance_cursors", "verify_audit"]
)
def test_nobody_acts_in_the_name_of_another(ends, name):
    make_user("ann")
    assert ends(f"{name} {WELL.get(name, '')} --user ann") == ExitCode.BAD_REQUEST
    assert not entries().exists()


@pytest.mark.parametrize("name", ["switch", "register_range", "set_quota", "queue"])
def test_the_shells_user_is_the_person_of_the_audit_trail(ends, monkeypatch, name):
    monkeypatch.setenv("LOGNAME", "ann")
    assert ends(f"{name} {WELL[name]}") == ExitCode.DONE
    entry = entries().latest("id")
    assert entry.actor == f"{pwd.getpwuid(os.getuid()).pw_name} (command line)"
    assert (entry.via, entry.user_id) == ("command", None)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ImproperlyConfigured("X is wrong"), ExitCode.BAD_REQUEST),
        (OperationalError("no such host"), ExitCode.REFUSED),
        (OSError(errno.ENOSPC, "No space left on device"), ExitCode.REFUSED),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (BrokenPipeError(), ExitCode.OUTPUT_CLOSED),
    ],
)
def test_how_any_command_ends_that_does_not_say_so_itself(monkeypatch, error, code):
    def fail() -> None:
        raise error

    monkeypatch.setattr(endings, "_give_up_output", lambda: None)
    assert endings.run(fail) == code
