"""Files that are written before they are sent leave nothing behind, whoever dies."""

import os
import signal
import subprocess
import sys
import time

import pytest

from jobs.results import spool
from tests.support.processes import ROOT, environment

HOLDS = """
import django; django.setup()
from jobs.results import spool
with spool.folder() as own:
    (own / "cards.xlsx").write_text("half")
    print(own, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def own_spool(settings, tmp_path):
    settings.CARDGEN_SPOOL = tmp_path / "spool"


@pytest.fixture
def writer(tmp_path):
    """Another process that is in the middle of a file, and its folder."""
    env = environment(CARDGEN_VAR=str(tmp_path))
    command = [sys.executable, "-c", HOLDS]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdin=pipe, stdout=pipe
    ) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


def grown_old(path: str) -> None:
    os.utime(path, (time.time() - 3_600,) * 2)


def names(settings) -> list[str]:
    return [str(path) for path in settings.CARDGEN_SPOOL.iterdir()]


def test_a_folder_goes_with_its_block(settings):
    with spool.folder() as own:
        (own / "cards.xlsx").touch()
        assert names(settings) == [str(own)]
    assert names(settings) == []


def test_what_a_killed_process_left_is_taken_away(settings, writer):
    process, left = writer
    process.send_signal(signal.SIGKILL)
    process.wait()
    grown_old(left)
    with spool.folder() as own:
        assert names(settings) == [str(own)]


def test_what_is_written_just_now_stays(settings, writer):
    _, held = writer
    grown_old(held)
    with spool.folder() as own:
        assert sorted(names(settings)) == sorted([str(own), held])


def test_a_folder_that_is_not_locked_yet_stays(settings):
    young = settings.CARDGEN_SPOOL / "young"
    young.mkdir(parents=True)
    with spool.folder():
        assert young.is_dir()
