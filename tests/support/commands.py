"""Run `manage.py` as an operator does."""

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def environment(**extra: str) -> dict[str, str]:
    """The test database, seen from another process."""
    parameters = connection.get_connection_params()
    url = f"postgres://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    return os.environ | {"DATABASE_URL": url} | secrets() | extra


def secrets() -> dict[str, str]:
    return {
        "CARDGEN_MASTER_KEY": settings.CARDGEN_MASTER_KEY.hex(),
        "CARDGEN_SECRET_KEY": settings.SECRET_KEY,
    }


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MANAGE, *arguments],
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
    )
