"""Both servers as one: how each is made, started, awaited and stopped."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cardgen.embedded import accounts, ownership, postgres, processes, valkey


@dataclass(frozen=True)
class Server:
    """An embedded server: its name in logs, and the module that knows it."""

    name: str
    module: ModuleType

    def prepare(self, var: Path) -> None:
        """Make its folders once, and clear away what a killed owner left."""
        self.module.prepare(var)
        self.module.clear(var)

    def command(self, var: Path, *, throwaway: bool = False) -> list[str]:
        """Return its whole command line: it runs as the right user and dies with this process."""
        return processes.wrapped(
            self.module.command(var, throwaway=throwaway),
            dies_by=self.module.DIES_BY,
            account=accounts.server_account(),
        )


POSTGRES = Server("postgres", postgres)
VALKEY = Server("valkey", valkey)


@contextmanager
def running(var: Path, *, throwaway: bool = False) -> Iterator[None]:
    """Have both servers of VAR run during a block, and the database exist.

    If somebody serves this VAR already, their servers are used and left alone. Start it from the
    main thread: the servers end with the thread that started them.

    :param throwaway: faster and unsafe in a power cut, for tests
    :raises PostgresUnusable, ValkeyUnusable, AccountUnusable: with what to do
    """
    lock = ownership.acquire(var)
    if lock is None:
        _await_both(var)
        yield
        return
    with lock, ExitStack() as stack:
        for server in (POSTGRES, VALKEY):
            stack.enter_context(_started(server, var, throwaway=throwaway))
        postgres.create_database(var)
        yield


def _await_both(var: Path) -> None:
    postgres.wait_ready(var)
    valkey.wait_ready(var)


@contextmanager
def _started(server: Server, var: Path, *, throwaway: bool) -> Iterator[None]:
    server.prepare(var)
    child = _spawn(server, var, throwaway=throwaway)
    try:
        server.module.wait_ready(var, alive=lambda: child.poll() is None)
        yield
    finally:
        processes.stop_child(child, server.module.STOP_STEPS)


def log_file(var: Path, server: Server) -> Path:
    """Name the log of a server started by `running`."""
    return var.absolute() / f"{server.name}.log"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _spawn(server: Server, var: Path, *, throwaway: bool) -> subprocess.Popen[bytes]:
    with open(log_file(var, server), "ab", opener=_private) as log:
        return subprocess.Popen(  # noqa: S603 (the command is ours)
            server.command(var, throwaway=throwaway),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for us; we stop the servers in order
        )
