"""The files of a backup, known again by size and SHA-256."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardgen.backup.errors import NotRestored

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the backup; `sha256` in hexadecimal (FIPS 180-4)."""

    bytes: int
    sha256: str


def check_files(folder: Path, files: Mapping[str, File]) -> None:
    """Compare the files with what its manifest says of them.

    :raises NotRestored: names the first file that was cut short or changed, or is gone
    """
    for name, told in files.items():
        try:
            found = digest(folder / name)
        except OSError as error:
            raise NotRestored(f"{folder / name} cannot be read: {error.strerror}.") from None
        if found.bytes < told.bytes:
            raise NotRestored(
                f"{folder / name} is cut short: {found.bytes:,} of {told.bytes:,} bytes are there."
            )
        if found != told:
            raise NotRestored(f"{folder / name} was changed: its SHA-256 is another one.")


def digest(path: Path) -> File:
    """Read a file once.

    :raises OSError: if it cannot be read
    """
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            size += len(block)
    return File(bytes=size, sha256=sha256.hexdigest())
