"""What a backup says of itself: plain JSON, with nothing secret in it, beside the dump."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from cardgen.backup.errors import NotRestored
from generation.kernel.keys import derive
from generation.models import IssuerRange
from toolkit.database import clock
from uniqueness.pool import cursors

NAME = "manifest.json"
DUMP = "database.dump"
ESCROW = "master_key.age"
_FORMAT = 1
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the backup; `sha256` in hexadecimal (FIPS 180-4)."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What the master key gives for one range, by which it is known again; empty: no range yet."""

    iin: str = ""
    pan_length: int = 0
    value: str = ""

    def fits(self, master_key: bytes) -> bool:
        """Tell whether a master key is the one that the cards were made with."""
        made = derive(master_key, iin=self.iin, pan_length=self.pan_length)
        return self.value in ("", made.check_value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The state that was backed up.

    `positions` are the ranges' cursors, in slots; `wal` is a position in PostgreSQL's log (LSN) at
    which all of it had been written; `migrations` are those applied, as `app.name`.
    """

    made_at: datetime
    postgres: int
    migrations: list[str]
    cards: int
    positions: dict[str, int]
    wal: str
    key_check: KeyCheck
    files: dict[str, File]

    @property
    def dump(self) -> str:
        """The name of the dump's file, which tells whether it is encrypted."""
        return next(name for name in self.files if name.startswith(DUMP))

    def write(self, folder: Path) -> None:
        """Write it into the folder of its backup."""
        told = {"format": _FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        (folder / NAME).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def of_now(cls) -> Self:
        """Look at the database as the transaction of the caller sees it; no files yet."""
        return cls(
            made_at=clock(),
            postgres=server_version(),
            migrations=applied(),
            cards=_cards(),
            positions=cursors.positions(),
            wal=_wal(),
            key_check=_key_check(),
            files={},
        )


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    :raises NotRestored: if it is none
    """
    try:
        return _parsed(json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        raise NotRestored(
            f"{folder} is no backup of this cardgen: name a folder cardgen-… with a whole"
            f" {NAME} in it."
        ) from None


def _parsed(told: Mapping[str, Any]) -> Manifest:
    values = dict(told)
    if values.pop("format") != _FORMAT:
        raise ValueError
    values["made_at"] = datetime.fromisoformat(values["made_at"])
    values["key_check"] = KeyCheck(**values["key_check"])
    values["files"] = {name: File(**of) for name, of in values["files"].items()}
    found = Manifest(**values)
    _ = found.dump
    return found


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compare the files with what the manifest says of them.

    :raises NotRestored: names the first file that was cut short or changed, or is gone
    """
    for name, told in manifest.files.items():
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


def server_version() -> int:
    """Tell PostgreSQL's major version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def applied() -> list[str]:
    """List the migrations that the database has, as `app.name`."""
    return sorted(".".join(one) for one in MigrationRecorder(connection).applied_migrations())


def _cards() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM uniqueness_ledger")
        return int(cursor.fetchone()[0])


def _wal() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        return str(cursor.fetchone()[0])


def _key_check() -> KeyCheck:
    first = IssuerRange.objects.order_by("pk").first()
    if first is None:
        return KeyCheck()
    return KeyCheck(iin=first.iin, pan_length=first.pan_length, value=first.key_check_value)
