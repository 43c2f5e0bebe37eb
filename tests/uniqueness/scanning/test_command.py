"""`manage.py scan`: what is shown, what is hidden, and how it ends."""

import gzip
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generation.models import IssuerRange
from jobs import work
from jobs.models import Job
from tests.support.commands import MANAGE, environment, run
from tests.support.work import LONG
from tests.uniqueness.scanning.texts import UNKNOWN, UNKNOWN_AMEX
from uniqueness.models import Card
from uniqueness.scanning import source_named

MASKED = "492912******1236"


class Result:
    """What a scan in this process wrote, and its exit code."""

    def __init__(self, *arguments: str) -> None:
        out, err = StringIO(), StringIO()
        self.code, self.message = 0, ""
        try:
            call_command("scan", *arguments, stdout=out, stderr=err)
        except CommandError as error:
            self.code, self.message = error.returncode, str(error)
        self.out, self.err = out.getvalue(), err.getvalue() + self.message
        assert UNKNOWN not in self.out + self.err


@pytest.fixture
def write(tmp_path):
    """Write a file and return its name."""

    def write_text(text: str | bytes, name: str = "app.log") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write_text


@pytest.fixture
def job(submit, small_range) -> Job:
    """A job with issued cards."""
    job = submit(range=small_range.name, count=3, label="night run")
    work.work(duration=LONG)
    return job


def test_unknown_numbers_are_masked_and_end_in_1(db, write):
    name = write(f"one\npan={UNKNOWN} {UNKNOWN_AMEX}\n")
    done = Result(name)
    assert done.out.splitlines() == [
        f"{name}:2:5: unknown {MASKED} visa",
        f"{name}:2:22: unknown 371449*****8456 amex",
    ]
    assert (done.code, done.message) == (1, "2 unknown numbers found")
    assert "2 unknown; 1 file," in done.err


def test_without_unknown_numbers_it_ends_in_0(job, write):
    done = Result(write(f"4111111111111111 {Card.objects.first().pan}"))
    assert done.code == 0
    assert "issued" not in done.out
    assert "published 411111******1111 visa" in done.out
    assert "1 issued, 1 published, 0 excluded, 0 unissued, 0 unknown" in done.err


def test_issued_numbers_are_shown_with_job_and_label_if_asked(job, write):
    pan = Card.objects.first().pan
    done = Result("--all", write(pan))
    assert f': issued {pan} no scheme job {job.id} "night run"' in done.out


def test_each_line_of_json_is_an_object(job, write):
    pan = Card.objects.first().pan
    name = write(f"{pan}\n4000000000000002 {UNKNOWN}")
    rows = [json.loads(line) for line in Result("--all", "--json", name).out.splitlines()]
    assert rows[0] == {
        "file": name, "line": 1, "column": 1, "state": "issued", "number": pan, "scheme": None,
        "job": str(job.id), "label": "night run", "published": [],
    }  # fmt: skip
    assert {"provider": "Stripe", "behaviour": "declined"}.keys() == rows[1]["published"][0].keys()
    assert (rows[2]["state"], rows[2]["number"], rows[2]["column"]) == ("unknown", MASKED, 18)


def test_quiet_shows_the_summary_alone(db, write):
    name = write(f"{UNKNOWN}\n" * 3)
    done = Result("--quiet", "--json", name)
    figures = json.loads(done.out)
    assert (figures["unknown"], figures["files"], figures["bytes"]) == (3, 1, 51)
    assert done.code == 1
    assert Result("--quiet", name).out.startswith("numbers: 0 issued,")


def test_a_deleted_jobs_cards_are_still_ours(job, write):
    pan = Card.objects.first().pan
    Job.objects.all().delete()
    done = Result("--all", "--json", write(pan))
    row = json.loads(done.out)
    assert (done.code, row["state"], row["label"]) == (0, "issued", None)


def test_what_cannot_be_read_is_told_and_the_rest_is_scanned(db, write, tmp_path):
    clean, packed = write("clean", "b.log"), write(gzip.compress(b"x" * 999)[:-9], "c.gz")
    done = Result(str(tmp_path / "gone"), clean, str(tmp_path), packed, write(b"PK\x03\x04", "d"))
    assert (done.code, done.message) == (2, "4 files were not read to the end")
    assert f"{tmp_path / 'gone'}: No such file or directory" in done.err
    assert "Is a directory" in done.err
    assert "ends too early" in done.err
    assert "5 files (4 not read to the end)" in done.err


def test_an_unknown_number_weighs_more_than_an_unread_file(db, write):
    assert Result("/does/not/exist", write(UNKNOWN)).code == 1


def test_another_master_key_is_refused(job, write):
    IssuerRange.objects.update(key_check_value="000000")
    done = Result(write(Card.objects.first().pan))
    assert done.code == 3
    assert "another master key" in done.message


def test_numbers_in_names_are_hidden_dates_are_not(db, write):
    done = Result(write(UNKNOWN, f"app-2026-11-24-013519-{UNKNOWN}\n.log"))
    assert f"app-2026-11-24-013519-{MASKED}?.log:1:1: unknown" in done.out


def test_a_file_that_grows_is_read_as_far_as_it_reached(db, write):
    name = write("x\n" * 1_000)
    with source_named(name) as source:
        with Path(name).open("a") as file:
            file.write("more\n" * 1_000)
        assert len(source.read(10_000)) == 2_000
        assert source.read(10_000) == b""


def test_a_file_that_shrinks_ends_where_it_ends(db, write):
    name = write("x\n" * 1_000)
    with source_named(name) as source:
        os.truncate(name, 100)
        assert len(source.read(10_000)) == 100
        assert source.read(10_000) == b""


def test_a_file_that_vanishes_while_it_is_read_is_read_all_the_same(db, write):
    name = write(UNKNOWN)
    with source_named(name) as source:
        Path(name).unlink()
        assert source.read(100).decode() == UNKNOWN


@pytest.mark.django_db(transaction=True)
def test_standard_input_is_read_also_packed(catalogue):
    packed = gzip.compress(f"{UNKNOWN}\n".encode())
    done = subprocess.run(
        [*MANAGE, "scan", "-"], input=packed, env=environment(), capture_output=True, timeout=60
    )
    assert done.stdout.decode() == f"standard input:1:1: unknown {MASKED} visa\n"
    assert done.returncode == 1
    assert b"scanning" not in done.stderr  # no bar without a terminal
    assert UNKNOWN.encode() not in done.stderr


@contextmanager
def scanning(name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Scan in another process, whose output the test reads."""
    with subprocess.Popen(
        # A suite run in the background ignores Ctrl-C, and its children would inherit that.
        ["env", "--default-signal=INT", *MANAGE, "scan", name],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        yield child


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_seen_enough_ends_it_quietly(catalogue, write):
    with scanning(write(f"{UNKNOWN}\n" * 200_000)) as child:
        assert MASKED in child.stdout.readline().decode()
        child.stdout.close()
        told = child.stderr.read().decode()
    assert child.returncode == 141
    assert "unknown; 1 file," in told
    assert "Traceback" not in told
    assert UNKNOWN not in told


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_it_with_the_figures_so_far(catalogue):
    with scanning("-") as child:
        # Never the end of the input: without the signal it would wait for ever.
        writer = threading.Thread(target=child.stdin.write, args=[f"{UNKNOWN}\n".encode() * 70_000])
        writer.start()
        assert MASKED in child.stdout.readline().decode()
        reader = threading.Thread(target=child.stdout.read)
        reader.start()
        writer.join()
        child.send_signal(signal.SIGINT)
        reader.join()
        told = child.stderr.read().decode()
    assert child.returncode == 130
    assert "interrupted; the rest was not scanned" in told
    assert "unknown; 1 file," in told


@pytest.mark.django_db(transaction=True)
def test_quiet_and_all_exclude_each_other(catalogue):
    assert run("scan", "--quiet", "--all", "-").returncode == 2
