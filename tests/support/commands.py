"""Run `manage.py` as an operator does."""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from django.conf import settings
from django.db import connection, connections

from cardgen.management import program
from toolkit import endings

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def environment(**extra: str) -> dict[str, str]:
    """The test database, seen from another process."""
    parameters = connection.get_connection_params()
    url = f"postgres://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    if port := parameters.get("port"):
        url += f"&port={port}"
    return os.environ | {"DATABASE_URL": url} | secrets() | extra


def secrets() -> dict[str, str]:
    return {
        "CARDGEN_MASTER_KEY": settings.CARDGEN_MASTER_KEY.hex(),
        "CARDGEN_SECRET_KEY": settings.SECRET_KEY,
    }


def run(*arguments: str, stdin: str | bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run a command as `manage.py` does, in this process: a new one takes seconds to import all."""
    out, err = TextIOWrapper(BytesIO(), write_through=True), StringIO()
    command = ["manage.py", *arguments]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        given = stdin.encode() if isinstance(stdin, str) else stdin
        patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(given)))
        # The connection is the test's, and a command closes it in the end.
        patch.setattr(connections, "close_all", lambda: None)
        try:
            code = endings.run(lambda: program.run(command))
        except SystemExit as ended:
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(
        command, code, out.buffer.getvalue().decode(), err.getvalue()
    )
