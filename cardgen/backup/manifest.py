"""What a backup says of itself: plain JSON, with nothing secret in it, beside the dump."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cardgen.backup.errors import NotRestored
from cardgen.backup.files import File
from generation.kernel.keys import derive

NAME = "manifest.json"
DUMP = "database.dump"
ESCROW = "master_key.age"
_FORMAT = 1


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
