"""CPU time of a worker and of its connection at the points where a chunk's steps meet."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

# The first statement of the transaction that writes, and the first one after the COPY.
_MINTED = "pg_advisory_xact_lock_shared"
_WRITTEN = "UPDATE uniqueness_reservation SET issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """CPU seconds spent so far."""

    worker: float
    database: float

    def since(self, earlier: "Mark") -> "Mark":
        """What was spent in between."""
        return Mark(worker=self.worker - earlier.worker, database=self.database - earlier.database)


def mark() -> Mark:
    """Read the CPU time of this process and of the connection's server process (Linux)."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    nanoseconds = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return Mark(worker=time.process_time(), database=nanoseconds / 1e9)


class Watcher:
    """Notes when a chunk is minted and when it is written; a wrapper of Django's statements."""

    def __init__(self) -> None:
        self.minted: Mark | None = None
        self.written: Mark | None = None

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Pass a statement on."""
        if self.minted is None and _MINTED in sql:
            self.minted = mark()
        if _WRITTEN in sql:
            self.written = mark()
        return execute(sql, *rest)
