"""Where backups lie: one folder each, whole or not there; the oldest go."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cardgen.backup.errors import NotBackedUp
from cardgen.backup.manifest import NAME

_PREFIX, _DRAFT, _LOCK = "cardgen-", ".draft-", ".lock"


def whole(folder: Path) -> list[Path]:
    """List the backups in a folder, the oldest first."""
    return sorted(one for one in folder.glob(f"{_PREFIX}*") if (one / NAME).exists())


def newest(folder: Path) -> Path | None:
    """Find the newest backup in a folder."""
    return next(reversed(whole(folder)), None)


def prune(folder: Path, *, keep: int) -> list[Path]:
    """Delete all but the newest backups; return those that went."""
    gone = whole(folder)[:-keep]
    for one in gone:
        shutil.rmtree(one)
    return gone


@contextmanager
def draft(folder: Path, *, name: str) -> Iterator[Path]:
    """Have a new folder for a backup, which gets its name when the block ends well.

    Until then it has another name, and one that was left behind by a death goes.

    :raises NotBackedUp: if somebody else makes a backup there
    """
    with _alone(folder):
        for left in folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(left)
        place = folder / f"{_DRAFT}{name}"
        place.mkdir(mode=0o700)
        try:
            yield place
            _make_sure(place)
            place.rename(folder / f"{_PREFIX}{name}")
            _flush(folder)
        finally:
            shutil.rmtree(place, ignore_errors=True)


def named(folder: Path, name: str) -> Path:
    """Give the place of the backup of that name."""
    return folder / f"{_PREFIX}{name}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotBackedUp(f"Another backup into {folder} is being made.") from None
        yield


def _make_sure(place: Path) -> None:
    """Have everything on the disk, readable for us alone, before it gets its name."""
    for one in place.iterdir():
        one.chmod(0o600)
        _flush(one)
    _flush(place)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
