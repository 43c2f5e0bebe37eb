"""The code of the last release, out of git: what an upgrade comes from."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

from django.conf import settings

from chaos.outcome import Failure

COMMIT = "d7fe8b2b4ee70da615203626c40b4b833fce33ed"  # pragma: allowlist secret
"""0.9.0. A new release changes this line alone: R21 and the tests of migrations read it."""

_MIGRATION = re.compile(r"(\w+)/migrations/(\d{4}_\w+)\.py$")


def unpack(folder: Path) -> Path:
    """Lay its code into a new folder, and return that.

    :raises Failure: if this is no clone, or one that does not reach back so far
    """
    with tarfile.open(fileobj=io.BytesIO(_git("archive", COMMIT))) as code:
        code.extractall(folder, filter="data")
    return folder


def migrations() -> set[tuple[str, str]]:
    """Name its migrations: application and name.

    :raises Failure: as `unpack`
    """
    files = _git("ls-tree", "-r", "--name-only", COMMIT).decode().splitlines()
    return {(one[1], one[2]) for one in map(_MIGRATION.search, files) if one}


def _git(*words: str) -> bytes:
    command = ["git", "-C", str(settings.BASE_DIR), *words]
    try:
        return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 (ours)
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", b"").decode().strip()
        hint = "the code of the last release is needed: git fetch --unshallow"
        raise Failure(f"{told or error}; {hint}") from None
