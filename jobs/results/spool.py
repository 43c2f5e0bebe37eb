"""The folder in which files are written before they are sent."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

_YOUNG_SECONDS = 60.0
"""A folder so young may not be locked yet."""


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that goes with the block; take away those of processes that were killed."""
    spool: Path = settings.CARDGEN_SPOOL
    spool.mkdir(parents=True, exist_ok=True)
    for left in spool.iterdir():
        _remove_abandoned(left)
    with TemporaryDirectory(dir=spool) as own, _opened(Path(own)) as descriptor:
        with suppress(OSError):  # the disk knows no locks: then nothing is taken away either
            _lock(descriptor)
        yield Path(own)


def _remove_abandoned(left: Path) -> None:
    """Remove a folder that nobody holds: the kernel frees the lock of a process that dies."""
    with suppress(OSError):  # it is held, has gone meanwhile, or the disk knows no locks
        if time.time() - left.stat().st_mtime > _YOUNG_SECONDS:
            with _opened(left) as descriptor:
                _lock(descriptor)
                shutil.rmtree(left, ignore_errors=True)


def _lock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
