"""Files that commands write: each is whole or not there, and none that is there is lost."""

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.core.management.base import CommandError

from toolkit.command_line import written
from toolkit.exit_codes import ExitCode

_PARTIAL = ".partial"


def add_force(parser: ArgumentParser) -> None:
    """Declare the option with which a command replaces files."""
    parser.add_argument("--force", action="store_true", help="replace files that are there already")


def require_new(paths: Iterable[Path], *, force: bool) -> None:
    """Refuse to replace a file, unless that is asked for; a pipe or a device is only written to.

    :raises CommandError: a bad request; names the first that is there
    """
    there = [path for path in paths if path.is_file() or _leads_nowhere(path)]
    if there and not force:
        raise CommandError(
            f"{there[0]} exists, and nothing was written: give --force to replace it, or another"
            " name",
            returncode=ExitCode.BAD_REQUEST,
        )


def _leads_nowhere(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Open a file that gets its name only when it is whole; a pipe or a device as it is.

    :raises CommandError: if it cannot be written, or is there already; see `require_new`
    """
    require_new([path], force=force)
    if path.exists() and not path.is_file():
        with written(path), path.open("wb") as file:
            yield file
        return
    with written(path):
        descriptor, name = tempfile.mkstemp(
            prefix=f"{path.name}.", suffix=_PARTIAL, dir=path.parent
        )
    partial = Path(name)
    try:
        with written(path), os.fdopen(descriptor, "wb") as file:
            yield file
        require_new([path], force=force)  # it may be hours later
        with written(path):
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
