"""What commands share: files that are read with a bar, and users by name."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from tqdm import tqdm


class Progress:
    """A file with a bar while it is read, on a terminal; the steps after that are named only."""

    def __init__(self, file: BinaryIO) -> None:
        """Read from `file`."""
        self._file = file
        found = os.fstat(file.fileno()) if file is not sys.stdin.buffer else None
        self._bar = tqdm(
            total=found.st_size if found and stat.S_ISREG(found.st_mode) else None,
            unit="B",
            unit_scale=True,
            desc="reading",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        """Close the bar in the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bar."""
        self._bar.close()

    def read(self, size: int, /) -> bytes:
        """Read."""
        piece = self._file.read(size)
        self._bar.update(len(piece))
        return piece

    def step(self, name: str) -> None:
        """Say that the next step begins; how far one is nobody knows."""
        self._bar.close()
        if not self._bar.disable:
            sys.stderr.write(f"{name} …\n")


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`.

    :raises CommandError: exit code 2, if it cannot be read
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise CommandError(f"cannot read {name}: {error.strerror}", returncode=2) from None


def actor_named(username: str | None) -> str:
    """Return the name of an active user, or what stands for nobody in particular.

    :raises CommandError: exit code 2, if there is no such user
    """
    if username is None:
        return "command line"
    if not User.objects.filter(username=username, is_active=True).exists():
        raise CommandError(f"there is no active user {username!r}", returncode=2)
    return username


def owner_named(username: str | None) -> User:
    """Return the active user of that name, or the first administrator.

    :raises CommandError: exit code 2, if there is none
    """
    users = User.objects.filter(is_active=True)
    chosen = users.filter(username=username) if username else users.filter(is_superuser=True)
    owner = chosen.order_by("id").first()
    if owner is None:
        who = f"user {username!r}" if username else "administrator"
        raise CommandError(f"there is no active {who}", returncode=2)
    return owner
