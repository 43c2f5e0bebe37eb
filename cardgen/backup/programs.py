"""PostgreSQL's own programs: cardgen brings them; for a newer server those of the system."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from django.db import connections
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from cardgen.backup.errors import NotBackedUp
from cardgen.embedded import postgres
from toolkit.masking import mask

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


def way() -> tuple[str, Mapping[str, str]]:
    """Tell libpq the way to the database, as its owner: an option, and the environment.

    The password stands in the environment, for all can see arguments.
    """
    known = {one.keyword.decode() for one in Conninfo.get_defaults()}
    given = connections["owner"].get_connection_params()
    values = {name: value for name, value in given.items() if name in known}
    password = values.pop("password", None)
    return f"--dbname={make_conninfo(**values)}", os.environ | (
        {"PGPASSWORD": password} if password else {}
    )


def complaint(log: Path) -> str:
    """Give the last thing a program said, with no number and no row in it."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if "error:" in line]
    return mask(lines[-1][:_MOST_TOLD]) if lines else "it said nothing"
