"""Ctrl-C of `make run`, as a terminal sends it: to make and to all that it started."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.processes import ROOT
from tests.support.waiting import wait_until

PATIENCE = 120
# Those of the test session, its servers and its make.
FOREIGN = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "CHANNEL_URL", "MAKEFLAGS", "MAKELEVEL")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, which all system users can reach: sockets lie in it."""
    made = Path(tempfile.mkdtemp(prefix="cardgen-make-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def installed(folder: Path) -> Path:
    """The packages of this environment, up to date: make writes into no other's."""
    venv = folder / "venv"
    venv.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    (venv / ".runtime").touch()
    return venv


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {"CARDGEN_WEB_PROCESSES": "1", "CARDGEN_WORKERS": "1"}


def living_with(var: Path) -> list[psutil.Process]:
    """Processes that this VAR belongs to, whoever their parent is."""
    return [one for one in psutil.process_iter() if str(var) in words_of(one)]


def words_of(process: psutil.Process) -> str:
    try:
        return f"{process.cmdline()} {process.environ().get('CARDGEN_VAR')}"
    except psutil.Error:
        return ""


def test_ctrl_c_ends_make_run_without_an_error_line_or_a_process_left(folder):
    var, log = folder / "var", folder / "log"
    settings = [f"VENV={installed(folder)}", f"VAR={var}", "PORT=18000", "FIRST_JOB=0"]
    # A suite run in the background ignores Ctrl-C, and its children would inherit that.
    command = ["env", "--default-signal=INT", "make", "run", *settings]
    with log.open("wb") as out:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_until(lambda: "cardgen ready at " in log.read_text(), seconds=PATIENCE)
        assert living_with(var)
        os.killpg(child.pid, signal.SIGINT)
        # make ends of the signal itself, without a word: 130 in a shell.
        assert child.wait(PATIENCE) == -signal.SIGINT, log.read_text()
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(PATIENCE)
    said = log.read_text()
    assert "✓ stopped" in said.rstrip().splitlines()[-1]
    assert not re.search("error|traceback", said, re.IGNORECASE)
    assert living_with(var) == []
