"""Locust against a service, and what the service's cache made of it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.service import Service

_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_SPARE = 60  # seconds, to start and to end
_TRIES = 16
Found = dict[str, Any]


@contextmanager
def offered(service: Service, *, users: int, seconds: int) -> Iterator[Found]:
    """Have users ask for so long; do the block meanwhile. What Locust leaves is there afterwards.

    :raises subprocess.SubprocessError: if Locust fails, or does not end
    """
    found: Found = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "load.json"
        with _started(service, users=users, seconds=seconds, out=out) as child:
            yield found
            code = child.wait(seconds + _SPARE)
        if code:
            raise subprocess.CalledProcessError(code, child.args)
        found |= json.loads(out.read_text())


def caches(service: Service) -> dict[str, int]:
    """Tell what the cache of the busiest web process did: each question may reach another one."""
    asked = [service.call("/api/v1/uniqueness/stats")["process"] for _ in range(_TRIES)]
    return max((one["cardgen_cache_events_total"] for one in asked), key=_looked_up)


def _looked_up(events: dict[str, int]) -> int:
    return sum(events.values())


@contextmanager
def _started(
    service: Service, *, users: int, seconds: int, out: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless"),
        *("--host", service.url, "--users", str(users), "--spawn-rate", str(users)),
        *("--run-time", f"{seconds}s", "--stop-timeout", "10", "--only-summary"),
        *("--loglevel", "WARNING", "--exit-code-on-error", "0"),
    ]
    # Not in an argument: others can see those.
    own = os.environ | {"CARDGEN_LOAD_KEY": service.api_key, "CARDGEN_LOAD_OUT": str(out)}
    with subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL) as child:
        try:
            yield child
        finally:
            child.kill()
