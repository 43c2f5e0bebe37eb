"""The command line: result on stdout, everything else on stderr, exit codes that mean something."""

import csv
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from generation.fields import DEFAULT as FIELDS
from generation.kernel.luhn import is_valid
from jobs.models import Job
from tests.support.commands import MANAGE, environment, run
from uniqueness.models import Card, Pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(catalogue):
    """An administrator, who owns the jobs of the command line."""
    return User.objects.create_superuser("admin")


def test_cards_go_to_stdout_and_the_rest_to_stderr(administrator):
    done = run("generate_cards", "--scheme", "visa", "--count", "1,200")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert done.returncode == 0, done.stderr
    assert len({row["pan"] for row in rows}) == 1200
    assert list(rows[0]) == list(FIELDS)
    assert all(is_valid(row["pan"]) for row in rows)
    assert "1,200 cards" in done.stderr


def test_fixed_values_are_options_too_and_the_job_verifies_and_renews(administrator):
    shown = "pan,address,postcode,service_code,pin,track1"
    details = ("--address", "1 TEST WAY", "--postcode", "SW1A 2AA", "--service-code", "620")
    order = ("--scheme", "visa", "--count", "20", *details, "--pin-length", "6")
    done = run("generate_cards", *order, "--fields", shown)
    cards = list(csv.DictReader(done.stdout.splitlines()))
    assert {(card["address"], card["postcode"], card["service_code"]) for card in cards} == {
        ("1 TEST WAY", "SW1A 2AA", "620")
    }
    assert {len(card["pin"]) for card in cards} == {6}
    assert run("verify_cards", "--job", str(Job.objects.get().id)).returncode == 0
    numbers = "".join(f"{card['pan']}\n" for card in cards)
    renewed = run("renew_cards", "--fields", shown, stdin=numbers)
    again = list(csv.DictReader(renewed.stdout.splitlines()))
    assert [without_track(card) for card in again] == [without_track(card) for card in cards]
    assert all(card["track1"].split("^")[2][4:7] == "620" for card in again)


def without_track(card: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in card.items() if name != "track1"}


def test_an_unknown_field_of_a_renewal_is_a_bad_request(administrator):
    done = run("renew_cards", "--fields", "pan,pin_code", stdin="4\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Known fields: pan," in done.stderr


def test_a_file_is_whole_or_not_there(administrator, tmp_path):
    out = tmp_path / "cards.ndjson"
    arguments = ("--scheme", "visa", "--count", "5", "--format", "ndjson", "--out", str(out))
    assert run("generate_cards", *arguments).returncode == 0
    assert len(out.read_text().splitlines()) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["cards.ndjson"]


def test_a_file_that_is_there_is_kept_and_no_card_issued(administrator, tmp_path):
    out = tmp_path / "cards.csv"
    out.write_text("mine")
    order = ("generate_cards", "--scheme", "visa", "--count", "2", "--out", str(out))
    refused = run(*order)
    assert (refused.returncode, out.read_text()) == (2, "mine")
    assert f"{out} exists, and nothing was written: give --force" in refused.stderr
    assert not Job.objects.exists()
    assert run(*order, "--force").returncode == 0
    assert len(out.read_text().splitlines()) == 3


def test_a_pipe_is_written_to_and_not_replaced(administrator, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    done = run("generate_cards", "--scheme", "visa", "--count", "3", "--out", str(pipe))
    assert (done.returncode, pipe.is_fifo()) == (0, True)
    assert len(reader.communicate(timeout=10)[0].splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--scheme", "visa", "--count", "ten"], 2, "whole number"),
        (["--scheme", "visa", "--count", "0"], 2, "count"),
        (["--scheme", "visa", "--count=--5"], 2, "whole number"),
        (
            ["--scheme", "visa", "--count", "10_000_000_000"],
            2,
            "At most 100,000,000 cards",
        ),
        (["--scheme", "visa", "--count", "1", "--expiry", "soon"], 2, "YYYY-MM"),
        (["--scheme", "visa", "--count", "1", "--service-code="], 2, "third 0 to 7"),
        (["--scheme", "visa", "--count", "1", "--pin-length", "６"], 2, "from 4 to 12"),
        (["--scheme", "visa", "--count", "1", "--user", "nobody"], 2, "nobody"),
        (["--count", "1"], 2, "--scheme"),
        (["--scheme", "visa"], 2, "--count"),
        (["--profile", "none"], 2, "The page /profiles lists those"),
        (["--profile", "none", "--scheme", "visa", "--range", "400000-16"], 2, "not allowed with"),
        (["--scheme", "vsa", "--count", "1"], 2, "no scheme 'vsa'"),
        (["--range", "123456-16", "--count", "1"], 2, "123456-16"),
    ],
)
def test_what_cannot_be_done_says_why_and_reserves_nothing(administrator, arguments, code, words):
    done = run("generate_cards", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not Pool.objects.exists()


@pytest.mark.parametrize("out", ["/nowhere/x.csv", "/"])
def test_a_place_that_cannot_be_written_is_refused_before_minting(administrator, out):
    done = run("generate_cards", "--scheme", "visa", "--count", "2", "--out", out)
    assert done.returncode == 2
    assert f"cannot write {out}" in done.stderr
    assert not Job.objects.exists()


def test_a_reader_that_has_seen_enough_is_told_which_job_has_the_cards(administrator):
    command = f"{sys.executable} manage.py generate_cards --scheme visa --count 200000 | head -2"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=settings.BASE_DIR,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, len(done.stdout.splitlines())) == (141, 2), done.stderr
    assert f"job {Job.objects.get().id} has all its cards" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_command_keeps_what_it_minted(administrator, tmp_path):
    out = tmp_path / "cards.csv"
    arguments = ["--scheme", "visa", "--count", "20000000", "--out", str(out)]
    child = subprocess.Popen(
        [*MANAGE, "generate_cards", *arguments], env=environment(), stderr=subprocess.PIPE
    )
    wait_for_cards()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    job = Job.objects.get()
    assert child.returncode == 130
    assert str(job.id) in errors.decode()
    assert Card.objects.count() == job.produced > 0
    assert not out.exists()


def wait_for_cards() -> None:
    until = time.monotonic() + 60
    while not Job.objects.filter(produced__gt=0).exists():
        assert time.monotonic() < until, "no card was minted in 60 s"
        time.sleep(0.05)


def test_verification_finds_nothing_in_an_untouched_job(administrator):
    run("generate_cards", "--scheme", "visa", "--count", "300", "--cvv", "123")
    done = run("verify_cards", "--job", str(Job.objects.get().id))
    assert (done.returncode, done.stderr) == (0, "")
    assert "300 cards in the ledger, 300 counted" in done.stdout


@pytest.mark.parametrize(
    "damage", ["DELETE FROM {0}", "UPDATE {0} SET cvv = '1 3'", "UPDATE {0} SET cvv = '12'"]
)
def test_verification_fails_loudly_on_a_damaged_ledger(administrator, damage):
    run("generate_cards", "--scheme", "visa", "--count", "300")
    slot = Card.objects.first().slot
    with connection.cursor() as cursor:
        cursor.execute(damage.format("uniqueness_ledger") + f" WHERE slot = {slot}")
    done = run("verify_cards", "--job", str(Job.objects.get().id))
    assert done.returncode == 1
    assert "1 card differs" in done.stderr or "1 chunk is short" in done.stderr


@pytest.mark.parametrize("job", ["x", "00000000-0000-0000-0000-000000000000"])
def test_verifying_no_job_is_a_bad_request(administrator, job):
    assert run("verify_cards", "--job", job).returncode == 2


def test_a_new_key_stands_alone_on_stdout(administrator):
    done = run("create_api_key", "--user", "admin", "--name", "ci", "--scope", "jobs:read")
    assert done.returncode == 0
    assert done.stdout.strip().startswith("cg_")
    assert len(done.stdout.split()) == 1
    assert administrator.api_keys.get().scopes == ["jobs:read"]


def test_a_key_for_nobody_is_a_bad_request(catalogue):
    done = run("create_api_key", "--user", "nobody", "--name", "ci")
    assert (done.returncode, done.stdout) == (2, "")


def test_names_of_keys_and_labels_hold_no_card_number(administrator):
    written = "for 4929 1234 5678 1236"
    key = run("create_api_key", "--user", "admin", "--name", written)
    cards = run("generate_cards", "--scheme", "visa", "--count", "2", "--label", written)
    for done in (key, cards):
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "A card number seems to stand in" in done.stderr
        assert "1236" not in done.stderr
    assert not Job.objects.exists()
    assert not administrator.api_keys.exists()
