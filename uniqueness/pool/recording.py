"""Where the cursors stand, written down outside the database: what a restore must step past."""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from django.conf import settings
from django.db import Error as DjangoError
from django.db import close_old_connections, connection
from psycopg import Error as DriverError

from toolkit.database import clock
from toolkit.refusals import Mistake
from uniqueness.pool import cursors

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
_ALIVE = timedelta(seconds=30)
NAME = "positions.json"
MANIFESTS = "*/manifest.json"
"""Backups say where the cursors stood too."""


class NothingRecorded(Mistake):
    """No file in the folder says where the cursors stood."""

    code = "nothing_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The furthest position known of each range, in slots, and when the last was written down.

    `steadily` means that the reconciler did: a few seconds before the end, then, unless it died
    first.
    """

    at: datetime
    positions: dict[str, int]
    steadily: bool = False


def run(*, stop: Event) -> None:
    """Write the positions into CARDGEN_BACKUP_FOLDER, if there is one, until told to stop.

    What does not answer is asked again. Several processes write the same; each file is whole.
    """
    folder = settings.CARDGEN_BACKUP_FOLDER
    while folder and not stop.wait(EVERY_SECONDS):
        try:
            close_old_connections()
            write(folder)
        except (DjangoError, DriverError, OSError) as error:
            logger.warning("positions: %s, tries again", type(error).__name__)
            connection.close()


def write(folder: Path) -> None:
    """Write down once where the cursors stand.

    :raises OSError: if the folder cannot be written
    """
    told = {"made_at": clock().isoformat(), "positions": cursors.positions()}
    draft = folder / f".{NAME}.{os.getpid()}"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o600)
    draft.rename(folder / NAME)


def read(folder: Path) -> Recorded:
    """Gather what all files of the folder say, those of backups too.

    :raises NothingRecorded: if none says anything
    """
    found = list(_told(folder))
    if not found:
        raise NothingRecorded(f"{folder} holds no {NAME} and no backup.")
    furthest: dict[str, int] = {}
    for one in found:
        for name, slot in one.positions.items():
            furthest[name] = max(slot, furthest.get(name, 0))
    last = max(one.at for one in found)
    steadily = any(one.steadily and last - one.at < _ALIVE for one in found)
    return Recorded(at=last, positions=furthest, steadily=steadily)


def _told(folder: Path) -> Iterator[Recorded]:
    for path in (folder / NAME, *folder.glob(MANIFESTS)):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            at = datetime.fromisoformat(told["made_at"])
            positions = dict(told["positions"])
            yield Recorded(at=at, positions=positions, steadily=path.name == NAME)
        except (OSError, ValueError, KeyError, TypeError):
            continue
