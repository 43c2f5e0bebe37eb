"""Commands that read numbers, one a line: one rule, the same as over HTTP."""

import subprocess

import pytest
from django.contrib.auth.models import User

from tests.jobs.proof.proving import done
from tests.support.commands import MANAGE, environment, run
from tests.support.exclusions import excluded, kept
from tests.support.slots import pans_from
from tests.uniqueness.exclusions.files import bring_in, text_of
from uniqueness.models import Renewal

COMMANDS = {
    "explain": ["explain", "-"],
    "hash_numbers": ["hash_numbers"],
    "renew_cards": ["renew_cards"],
    "remove_exclusion": ["remove_exclusion", "-", "--reason", "the list was wrong"],
}
FIRST, SECOND = "4242424242429999", "4242111111111111"
WRONG = {
    "letters": b"x",
    "Latin-1": "4242\xa04242\xfc".encode("latin-1"),
    "bytes of no text": b"\xff\xfe\xfd 4242424242424242",
    "half a letter": b"424242424242424\xc3",
    "a surrogate": "4242\ud800".encode("utf-8", "surrogatepass"),
    "too many digits": b"4" * 33,
    "more than fits into a line": b"4" * 200_000,
}


@pytest.fixture
def ready(db):
    """An administrator to act for, and two imported numbers to remove."""
    User.objects.create_superuser("admin")
    bring_in(text_of(FIRST, SECOND))


@pytest.fixture
def numbers(submit, small_range, ready) -> list[str]:
    """Two of ten cards that were issued here."""
    done(submit, range=small_range.name, count=10)
    return pans_from(small_range, 0, 2)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_what_is_no_number_is_named_by_its_line_and_not_shown(ready, command, wrong):
    ended = run(*command, stdin=b"\n" + FIRST.encode() + b"\r\n\n" + wrong + b"\n")
    assert (ended.returncode, "line 4" in ended.stderr) == (2, True), ended.stderr
    assert "Traceback" not in ended.stderr
    assert not any(part in ended.stderr for part in ("place", "4242", "44444"))
    assert len(excluded()) == 2


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    ("content", "said"),
    [("4242".encode("utf-16"), "UTF-16"), (b"\x1f\x8b\x08", "gzip"), (b"4\0", "zero bytes")],
    ids=["UTF-16", "gzip", "zero bytes"],
)
def test_what_is_no_text_is_told_as_such(ready, command, content, said):
    ended = run(*command, stdin=content)
    assert (ended.returncode, said in ended.stderr) == (2, True), ended.stderr


@pytest.mark.parametrize(
    "line",
    [
        *("4242 4242-4242 9999", "\ufeff4242424242429999", "  4242424242429999\t\r"),
        FIRST.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    ],
)
def test_numbers_may_be_grouped_and_have_space_around_them(ready, line):
    read = [run(*COMMANDS[name], stdin=f"{line}\n\n \n") for name in ("explain", "hash_numbers")]
    plain = [run(*COMMANDS[name], stdin=FIRST) for name in ("explain", "hash_numbers")]
    assert [ended.stdout for ended in read] == [ended.stdout for ended in plain]
    assert all(ended.stdout for ended in plain)
    assert run(*COMMANDS["remove_exclusion"], stdin=f"{line}\n\n").returncode == 0
    assert not kept(FIRST)


def test_cards_are_renewed_by_numbers_however_they_are_written(numbers):
    first, second = numbers
    grouped = "-".join(first[at : at + 4] for at in range(0, len(first), 4))
    ended = run("renew_cards", "--fields", "pan,psn", stdin=f"\ufeff\r\n{grouped}\r\n\n {second} ")
    assert ended.stdout == f"pan,psn\n{first},01\n{second},01\n"


def test_a_number_to_renew_is_given_once_however_it_is_written(numbers):
    number = numbers[0]
    ended = run("renew_cards", stdin=f"{number}\n\n{number[:4]} {number[4:]}\n")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "line 3 repeats line 1: give each number once" in ended.stderr
    assert not Renewal.objects.exists()


def test_numbers_that_cannot_be_renewed_are_named_by_their_lines(numbers):
    number = numbers[0]
    ended = run("renew_cards", stdin=f"\n{FIRST}\n{number}\n\n{SECOND}\n")
    assert ended.returncode == 3
    assert "2 of the numbers are not cards you can renew" in ended.stderr
    assert ended.stderr.endswith("nothing was renewed. See lines 2, 5.\n")
    alone = run("renew_cards", stdin=f"{number}\n{FIRST}\n").stderr
    assert "1 of the numbers is not a card you can renew" in alone
    assert alone.endswith("See line 2.\n")
    assert not Renewal.objects.exists()


@pytest.mark.parametrize("command", ["explain", "renew_cards", "remove_exclusion"])
@pytest.mark.parametrize("content", ["", "\n", " \r\n\t\n"])
def test_no_number_at_all_is_a_bad_request(ready, command, content):
    assert run(*COMMANDS[command], stdin=content).returncode == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", ["hash_numbers", "remove_exclusion"])
def test_a_command_without_standard_input_says_so(command):
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "-", *MANAGE, *COMMANDS[command]],
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, b"closed" in ended.stderr) == (2, True), ended.stderr


def test_hashes_come_as_the_numbers_do(db):
    with subprocess.Popen(
        ["env", "PYTHONUNBUFFERED=1", *MANAGE, "hash_numbers"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        hashes = []
        for _ in range(2):
            process.stdin.write(f"{FIRST}\n".encode())
            process.stdin.flush()
            hashes.append(process.stdout.readline())
        process.stdin.close()
    assert len(hashes[0].strip()) == 32
    assert hashes[0] == hashes[1]
