"""Where scenarios run: a folder each, copied from one fresh installation, a process each."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from cardgen.access.first import ensure_administrator
from cardgen.embedded import processes, servers
from chaos.outcome import Size
from chaos.scenario import Scenario
from chaos.world import cluster

# Scenarios have servers and settings of their own, whatever the caller's environment says.
_FOREIGN = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "CHANNEL_URL")
_PREFIX = "cgx-"  # short: socket paths hold about 100 bytes
_FRESH = "fresh"
_END_STEPS = ((signal.SIGTERM, 60.0), (signal.SIGKILL, 5.0))  # PostgreSQL may need half a minute


class Laboratory:
    """A folder with a fresh installation, and the processes that work on copies of it."""

    def __init__(self, folder: Path) -> None:
        """Use the folder; `install` puts the installation there."""
        self.folder = folder
        self._lock = threading.Lock()
        self._children: list[subprocess.Popen[bytes]] = []
        self._closed = False

    def install(self) -> None:
        """Make the fresh installation."""
        self._manage("--install", var=self.folder / _FRESH, changes={})

    def run(
        self, scenario: Scenario, *, size: Size, seed: int, minutes: float | None = None
    ) -> dict[str, Any]:
        """Run a scenario in a process, on a copy of the installation; return its outcome.

        :raises subprocess.CalledProcessError: if it crashed; it has said why on standard error
        """
        var = self.folder / scenario.id
        fresh = str(self.folder / _FRESH)
        subprocess.run(["cp", "-a", fresh, str(var)], check=True)  # noqa: S603, S607
        options = ["--here", "--scenario", scenario.id, "--size", size, "--seed", str(seed)]
        if minutes is not None:
            options += ["--minutes", str(minutes)]
        done = self._manage(*options, var=var, changes=scenario.settings)
        shutil.rmtree(var / "postgres", ignore_errors=True)  # the logs stay until the end
        outcome: dict[str, Any] = json.loads(done)
        return outcome

    def close(self) -> None:
        """Have every process end its servers and itself, and let no other begin."""
        with self._lock:
            self._closed = True
        for child in self._children:
            child.terminate()
        for child in self._children:
            if child.poll() is None:
                processes.stop_child(child, _END_STEPS)

    def _manage(self, *options: str, var: Path, changes: Mapping[str, str]) -> bytes:
        """Run this command in a child process with a VAR of its own; return what it printed.

        :raises subprocess.CalledProcessError: if it crashed
        :raises KeyboardInterrupt: if the laboratory was closed meanwhile
        """
        child = self._started(*options, var=var, changes=changes)
        printed, _ = child.communicate()
        if self._closed:
            raise KeyboardInterrupt
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, child.args)
        return printed

    def _started(
        self, *options: str, var: Path, changes: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        own = {name: value for name, value in os.environ.items() if _is_ours(name)}
        command = [sys.executable, "-m", "chaos", *options]
        with self._lock:
            if self._closed:
                raise KeyboardInterrupt
            child = subprocess.Popen(  # noqa: S603 (the command is ours)
                # If this process is killed, its children have their servers end.
                processes.wrapped(command, dies_by=signal.SIGTERM, account=None),
                cwd=settings.BASE_DIR,
                env={**own, "CARDGEN_VAR": str(var), **changes},
                stdout=subprocess.PIPE,
            )
            self._children.append(child)
        return child


def _is_ours(variable: str) -> bool:
    """Tell whether it says nothing of an installation that is not the scenario's."""
    foreign = variable in _FOREIGN or variable.startswith("CARDGEN_")
    return not foreign or variable == cluster.VARIABLE


@contextmanager
def laboratory() -> Iterator[Laboratory]:
    """Have a temporary folder with a fresh installation during a block."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        place = Path(folder)
        place.chmod(0o711)  # the servers' own user must reach its data
        found = Laboratory(place)
        try:
            found.install()
            yield found
        finally:
            found.close()


def install() -> None:
    """Make a fresh installation in this process' VAR."""
    with servers.running(settings.VAR):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_catalogue", verbosity=0, stdout=sys.stderr)
        ensure_administrator()
