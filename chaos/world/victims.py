"""The processes of a scenario: servers and programs that are there to be killed."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import psutil
from django.conf import settings

from cardgen import run
from cardgen.embedded.servers import Server
from cardgen.run import Program

_LEFT_OVER = 10.0


class Victim:
    """A process of ours in a session of its own, whose signals reach its children too."""

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        folder: Path | None = None,
        inherits: bool = False,
    ) -> None:
        """Start it; what it writes is added to the log.

        :param folder: the code it runs; None: ours
        :param inherits: whether it gets our inheritable descriptors
        """
        self.log = log
        self._folder, self._inherits = folder or settings.BASE_DIR, inherits
        self._command, self._environment = command, {**os.environ, **environment}
        self._process = self._started()
        self._ours = False

    def _started(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 (the command is ours)
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                close_fds=not self._inherits,
            )

    def revive(self) -> bool:
        """Start it again, as the supervisor would, if it ended though nobody here ended it."""
        if self._ours or self.alive:
            return False
        self._process = self._started()
        return True

    @property
    def pid(self) -> int:
        """The first process; its children come and go."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether it runs, or is frozen."""
        return self._process.poll() is None

    def children(self) -> list[psutil.Process]:
        """Return the processes it has started and that live."""
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the first process alone."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it with all its children at once, as a power cut would."""
        self._ours = True
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(_LEFT_OVER)

    def kill_alone(self) -> None:
        """Kill the first process; its children are orphans then."""
        self._ours = True
        self._process.kill()
        self._process.wait(_LEFT_OVER)

    def stop(self, number: signal.Signals, *, patience: float) -> bool:
        """Ask it to end, and kill it if it does not within `patience` seconds; tell whether it did.

        One that had ended already did not end because it was asked.
        """
        self._ours = True
        if not self.alive:
            return False
        self.send(number)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True


def start_program(
    program: Program,
    *,
    var: Path,
    extra: Sequence[str] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
    folder: Path | None = None,
) -> Victim:
    """Start a program as `make run` does, with more arguments and environment.

    :param folder: the code it runs; None: ours
    """
    return Victim(
        [*program.command, *extra],
        log=var / f"{program.name}.log",
        environment={**program.environment, **environment},
        folder=folder,
        inherits=program.inherits,
    )


def program(name: str, *, var: Path, listen: Sequence[str] = ()) -> Program:
    """Name one of the programs of `make run`.

    :param listen: where the web process listens, in Daphne's words
    """
    return next(one for one in run.applications(var, listen=listen) if one.name == name)


class ServerVictim:
    """PostgreSQL or Valkey, started as `make run` starts it, power cuts included."""

    def __init__(
        self, server: Server, *, var: Path, command: Callable[[Path], list[str]] | None = None
    ) -> None:
        """Say which; `start` starts it.

        :param command: its command line; None: that of `make run`
        """
        self._server, self._var = server, var
        self._command = command or server.command
        self._victim: Victim | None = None

    def start(self, *, awaited: bool = True) -> None:
        """Start it and wait until it takes writes; a standby never does."""
        self._server.prepare(self._var)
        log = self._var / f"{self._server.name}.log"
        self._victim = victim = Victim(self._command(self._var), log=log, environment={})
        if awaited:
            self._server.module.wait_ready(self._var, alive=lambda: victim.alive)

    def kill(self) -> None:
        """Kill its first process: PostgreSQL's others end by themselves when they notice."""
        if self._victim is not None:
            self._victim.kill_alone()

    def family(self) -> list[psutil.Process]:
        """Return its processes, the first one first."""
        if self._victim is None or not self._victim.alive:
            return []
        return [psutil.Process(self._victim.pid), *self._victim.children()]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to its first process."""
        if self._victim is not None:
            self._victim.send(number)

    def stop(self) -> None:
        """Stop it at once: PostgreSQL leaves its recovery to a next start that never comes."""
        number, patience = self._server.module.STOP_STEPS[-2]
        if self._victim is not None:
            self._victim.stop(number, patience=patience)
        self._server.module.clear(self._var)  # what outlives a killed postmaster for a moment


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
