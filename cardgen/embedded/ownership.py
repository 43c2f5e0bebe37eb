"""One owner per VAR: a lock that the kernel frees however the owner ends."""

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO, TypedDict

from cardgen.embedded import paths


class Owner(TypedDict):
    """Who serves a VAR: its process, its address ("" for tests and commands), since when."""

    pid: int
    url: str
    started_at: str


class Ownership:
    """The lock, held from `acquire` until `release` or the end of the process."""

    def __init__(self, file: TextIO) -> None:
        """Take over an open, locked file."""
        self._file = file
        self.describe(url="")

    def describe(self, *, url: str) -> None:
        """Write down who we are, for whoever finds the lock taken."""
        owner = Owner(pid=os.getpid(), url=url, started_at=datetime.now(UTC).isoformat())
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(owner) + "\n")
        self._file.flush()

    def release(self) -> None:
        """Give the VAR free. The file stays: removing it would let two owners lock two files."""
        self._file.close()

    def __enter__(self) -> Self:
        """Hold the lock for a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it at the block's end."""
        self.release()


def acquire(var: Path) -> Ownership | None:
    """Lock VAR, or return None at once if another process holds it (ask `owner` who)."""
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = paths.lock_file(var).open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return Ownership(file)


def owner(var: Path) -> Owner | None:
    """Return what the last owner wrote; None if nothing readable is there."""
    try:
        found = json.loads(paths.lock_file(var).read_text(encoding="utf-8"))
        return Owner(pid=int(found["pid"]), url=str(found["url"]), started_at=found["started_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
