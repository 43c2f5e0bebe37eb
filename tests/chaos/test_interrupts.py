"""A run that is asked to end: its servers end, its folder goes, the exit code says so."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaos import interrupts

_PATIENCE = 90.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for temporary ones, short enough for the path of a socket in one of them."""
    with tempfile.TemporaryDirectory(prefix="cgt-", dir="/tmp") as short:
        Path(short).chmod(0o711)
        yield Path(short)


def a_run(folder: Path, *, until: str) -> subprocess.Popen[str]:
    """Start R6 and R23 side by side; return once a program of that name runs."""
    chosen = ["--scenario", "R6", "--scenario", "R23", "--jobs", "2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "chaos", *chosen],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    give_up = time.monotonic() + _PATIENCE
    while not any(until in line for line in living(folder)) and time.monotonic() < give_up:
        time.sleep(0.05)
    return run


def living(folder: Path) -> list[str]:
    """The processes whose command line or environment tells of the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            told = " ".join([*process.cmdline(), *process.environ().values()])
            if str(folder) in told and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


@pytest.mark.timeout(300)
def test_sigterm_to_the_command_alone_ends_every_server_and_removes_every_folder(folder):
    run = a_run(folder, until="reconcile")
    run.terminate()
    said, _ = run.communicate(timeout=_PATIENCE)
    assert run.returncode == 130, said
    assert said.endswith("interrupted\n"), said
    assert living(folder) == []
    assert list(folder.iterdir()) == []


def interrupted(tidied: list[signal.Signals]) -> None:
    """Be sent a signal, and more while tidying up."""
    with interrupts.as_one():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(os.getpid(), number)
                tidied.append(number)


def test_only_the_first_of_many_signals_interrupts():
    tidied: list[signal.Signals] = []
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        interrupted(tidied)
    assert len(tidied) == 3
    assert signal.getsignal(signal.SIGTERM) is before
