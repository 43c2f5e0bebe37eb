"""Where everything embedded lives: pure functions of VAR.

The settings import this before Django is set up, so it needs the standard library alone.
"""

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import quote

# sun_path holds 104 bytes on the BSDs and 108 on Linux, the closing NUL included.
LONGEST_SOCKET_PATH = 99
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
CONTROL_SOCKET = "control.ipc"
EVENTS_SOCKET = "events.ipc"
_SOCKETS = (POSTGRES_SOCKET, VALKEY_SOCKET, CONTROL_SOCKET, EVENTS_SOCKET)

OWNER = "postgres"
"""Makes and changes the tables: migrations alone."""
APPLICATION = "cardgen_app"
"""Reads and writes rows: everything else."""

_BROKER_NUMBER = 0
_CACHE_NUMBER = 1
_CHANNEL_NUMBER = 2


def socket_dir(var: Path) -> Path:
    """Name the folder of all sockets: var/run, or a temporary one if paths grow too long."""
    beside = var.absolute() / "run"
    if _fits(beside):
        return beside
    digest = hashlib.sha256(str(var.absolute()).encode()).hexdigest()[:16]
    return next(filter(_fits, _temporary(f"cardgen-{digest}")), beside)


def _temporary(name: str) -> tuple[Path, Path]:
    # TMPDIR may itself be too long (macOS, some CI); the second one is short everywhere.
    return Path(tempfile.gettempdir()) / name, Path("/tmp") / name  # noqa: S108 (mode 0700, owner checked) # nosec B108


def _fits(folder: Path) -> bool:
    return all(len(bytes(folder / name)) <= LONGEST_SOCKET_PATH for name in _SOCKETS)


def postgres_data(var: Path) -> Path:
    """Name PostgreSQL's data directory."""
    return var.absolute() / "postgres"


def valkey_data(var: Path) -> Path:
    """Name the folder Valkey runs in."""
    return var.absolute() / "valkey"


def programs(var: Path) -> Path:
    """Name the folder of the servers' programs, if they had to be copied."""
    return var.absolute() / "programs"


def lock_file(var: Path) -> Path:
    """Name the file whose lock says that somebody serves this VAR."""
    return var.absolute() / "cardgen.lock"


def valkey_socket(var: Path) -> Path:
    """Name Valkey's socket."""
    return socket_dir(var) / VALKEY_SOCKET


def database_url(var: Path, name: str = "cardgen", *, role: str = OWNER) -> str:
    """Address the database `name` over the socket, for django-environ and libpq alike."""
    return f"postgres://{role}@/{name}?host={quote(str(socket_dir(var)), safe='')}"


def broker_url(var: Path) -> str:
    """Address Valkey as Celery's broker (the form kombu reads)."""
    return f"redis+socket://{quote(str(valkey_socket(var)))}?virtual_host={_BROKER_NUMBER}"


def cache_url(var: Path) -> str:
    """Address Valkey as the cache (the form redis-py reads)."""
    return f"unix://{quote(str(valkey_socket(var)))}?db={_CACHE_NUMBER}"


def channel_url(var: Path) -> str:
    """Address Valkey as the channel layer (the form redis-py reads)."""
    return f"unix://{quote(str(valkey_socket(var)))}?db={_CHANNEL_NUMBER}"
