"""Where scenarios run: a folder each, copied from one fresh installation, a process each."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from cardgen.access.services import ensure_administrator
from cardgen.chaos.outcome import Size
from cardgen.chaos.scenario import Scenario
from cardgen.embedded import servers

# Scenarios have servers and settings of their own, whatever the caller's environment says.
_FOREIGN = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "CHANNEL_URL")
_PREFIX = "cgx-"  # short: socket paths hold about 100 bytes


@contextmanager
def laboratory() -> Iterator[Path]:
    """Have a temporary folder with a fresh installation in `fresh` during a block."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        place = Path(folder)
        place.chmod(0o711)  # the servers' own user must reach its data
        _manage("--install", var=place / "fresh", changes={})
        yield place


def install() -> None:
    """Make a fresh installation in this process' VAR."""
    with servers.running(settings.VAR):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_catalogue", verbosity=0, stdout=sys.stderr)
        ensure_administrator()


def run_apart(
    scenario: Scenario, *, size: Size, seed: int, place: Path, minutes: float | None = None
) -> dict[str, Any]:
    """Run a scenario in a process, on a copy of the fresh installation; return its outcome."""
    var = place / scenario.id
    subprocess.run(["cp", "-a", str(place / "fresh"), str(var)], check=True)  # noqa: S603, S607
    options = ["--here", "--scenario", scenario.id, "--size", size, "--seed", str(seed)]
    if minutes is not None:
        options += ["--minutes", str(minutes)]
    done = _manage(*options, var=var, changes=scenario.settings)
    shutil.rmtree(var / "postgres", ignore_errors=True)  # the logs stay until the end
    outcome: dict[str, Any] = json.loads(done)
    return outcome


def _manage(*options: str, var: Path, changes: Mapping[str, str]) -> str:
    """Run this command in a child process with a VAR of its own; return what it printed.

    :raises subprocess.CalledProcessError: if it crashed; it has said why on standard error
    """
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith("CARDGEN_")
    }
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "chaos", *options]
    environment = {**own, "CARDGEN_VAR": str(var), **changes}
    done = subprocess.run(  # noqa: S603 (the command is ours)
        command, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout
