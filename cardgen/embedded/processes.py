"""Finding and ending server processes: those we started, and those a killed owner left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from cardgen.embedded.accounts import Account

_LAUNCH = Path(__file__).with_name("launch.py")
Escalation = Sequence[tuple[signal.Signals, float]]


def wrapped(command: list[str], *, dies_by: signal.Signals, account: Account | None) -> list[str]:
    """Wrap a command so that it runs as the account and gets `dies_by` when this process dies."""
    identity = (account.uid, account.gid) if account else (-1, -1)
    words = (os.getpid(), int(dies_by), *identity)
    return [sys.executable, "-I", "-S", str(_LAUNCH), *map(str, words), *command]


def living_in(folder: Path, name: str) -> list[psutil.Process]:
    """Return the processes called `name` whose working directory is `folder`.

    Servers enter their data folder and stay there, so this needs no pid file to be right: a
    stale pid that now belongs to another program is never mistaken for a server.
    """
    home = str(folder.resolve())
    return [process for process in psutil.process_iter() if _is_at(process, home, name)]


def lives_in(pid: int, folder: Path, name: str) -> bool:
    """Tell whether process `pid` is called `name` and works in `folder`."""
    try:
        return _is_at(psutil.Process(pid), str(folder.resolve()), name)
    except psutil.NoSuchProcess:
        return False


def _is_at(process: psutil.Process, home: str, name: str) -> bool:
    try:
        return process.name() == name and process.cwd() == home
    except (psutil.Error, OSError):
        return False


def marked(variable: str, value: str) -> list[psutil.Process]:
    """Return the processes that were started with `variable` set to `value`, ourselves excepted."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _has(process, variable, value)
    ]


def _has(process: psutil.Process, variable: str, value: str) -> bool:
    try:
        return process.environ().get(variable) == value
    except (psutil.Error, OSError):
        return False


def end(processes: Iterable[psutil.Process], steps: Escalation) -> None:
    """Send the signals in order, each with its patience in seconds, until all have ended."""
    left = list(processes)
    for number, patience in steps:
        for process in left:
            _send(process, number)
        _, left = psutil.wait_procs(left, timeout=patience)
        if not left:
            return


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def stop_child(child: subprocess.Popen[bytes], steps: Escalation) -> None:
    """End a process that we started ourselves, and collect its exit code."""
    for number, patience in steps:
        child.send_signal(number)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return


def pid_in(path: Path) -> int | None:
    """Read the pid on the first line of a pid file; None if there is none to read."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
