"""PostgreSQL's own programs: cardgen brings them; for a newer server those of the system."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from django.db import connections
from django.db.backends.postgresql.client import DatabaseClient

from cardgen.backup.errors import NotBackedUp
from cardgen.embedded import postgres
from toolkit.masking import mask

_LIBPQ = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "NAME": "PGDATABASE"}
_MOST_TOLD = 300


def located(name: str, *, version: int) -> str:
    """Find `pg_dump` or `pg_restore` for a server of that major version.

    :raises NotBackedUp: if there is none that is new enough
    """
    if version <= postgres.VERSION:
        return str(postgres.installed(name))
    found = shutil.which(name)
    if found and _major(found) >= version:
        return found
    raise NotBackedUp(
        f"The server is PostgreSQL {version}: install the client programs of that version, so that"
        f" {name} is found in PATH."
    )


def _major(program: str) -> int:
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)  # noqa: S603
    number = re.search(r"\d+", told.stdout)
    return int(number[0]) if number else 0


def environment() -> Mapping[str, str]:
    """Tell libpq the way to the database, as its owner; a password stands in no argument."""
    settings = connections["owner"].settings_dict
    _, secure = DatabaseClient.settings_to_cmd_args_env(settings, [])
    way = {name: str(settings[key]) for key, name in _LIBPQ.items() if settings[key]}
    return os.environ | way | (secure or {})


def complaint(log: Path) -> str:
    """Give the last thing a program said, with no number and no row in it."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if "error:" in line]
    return mask(lines[-1][:_MOST_TOLD]) if lines else "it said nothing"
