"""A version of the code, and those of its processes that run in a scenario."""

import os
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from cardgen.logs import LISTENS
from chaos.world.victims import Victim, program, start_program
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_UP_SECONDS = 60.0
_PATIENCE = 30.0


@dataclass(slots=True, kw_only=True)
class Version:
    """Its processes are known by their pids, by which chunks tell who made them."""

    name: str
    folder: Path
    world: World
    _running: list[Victim] = field(default_factory=list)
    _pids: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def manage(self, *words: str, **environment: str) -> None:
        """Run a command of this version.

        :raises subprocess.CalledProcessError: if it fails
        """
        subprocess.run(  # noqa: S603 (the command is ours)
            [sys.executable, "manage.py", *words],
            cwd=self.folder,
            env={**os.environ, **environment},
            stdout=sys.stderr,
            check=True,
        )

    def start(self, name: str, *extra: str, listen: socket.socket | None = None) -> None:
        """Start one of its programs; a web process serves when this returns."""
        log = self.world.var / f"{name}.log"
        signs = _signs(log)
        words = ["--fd", str(listen.fileno())] if listen else []
        chosen = program(name, var=self.world.var, listen=words)
        victim = start_program(chosen, var=self.world.var, extra=extra, folder=self.folder)
        self._running.append(self.world.adopt(victim))
        self._pids[name].add(victim.pid)
        if listen:
            what = f"a web process of {self.name} serves"
            self.world.until(lambda: _signs(log) > signs, what=what, seconds=_UP_SECONDS)

    def done(self, name: str) -> int:
        """Count the chunks that its programs of that name have finished, of all that there were."""
        if name == "worker":
            children = [child.pid for one in self._running for child in one.children()]
            self._pids[name].update(children)
        names = [f"{socket.gethostname()}:{pid}" for pid in self._pids[name]]
        return Chunk.objects.filter(state=ChunkState.DONE, worker__in=names).count()

    def stop(self) -> list[str]:
        """Tell all to end, as an operator does; name those that had to be killed."""
        late = [
            one.log.stem
            for one in self._running
            if not one.stop(signal.SIGTERM, patience=_PATIENCE)
        ]
        self._running.clear()
        return late


def _signs(log: Path) -> int:
    return log.read_text().count(LISTENS) if log.exists() else 0
