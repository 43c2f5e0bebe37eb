"""The service, Locust beside it, and the summary, against servers that run already."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

django.setup()

from bench.scenarios.summary import Summary, text_of  # noqa: E402 (models need Django set up)
from bench.service import Service, serving  # noqa: E402

_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_SPARE = 60  # seconds, to start and to end
_TRIES = 16


def main() -> None:
    """Run the scenarios and print the summary."""
    users, seconds = map(int, sys.argv[1:])
    with serving() as service, tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "load.json"
        _locust(service, users=users, seconds=seconds, out=out)
        found = Summary.of(json.loads(out.read_text()), caches=_caches(service), seconds=seconds)
    print(text_of(found))  # noqa: T201


def _locust(service: Service, *, users: int, seconds: int, out: Path) -> None:
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless"),
        *("--host", service.url, "--users", str(users), "--spawn-rate", str(users)),
        *("--run-time", f"{seconds}s", "--stop-timeout", "10", "--only-summary"),
        *("--loglevel", "WARNING", "--exit-code-on-error", "0"),
    ]
    # Not in an argument: others can see those.
    own = os.environ | {"CARDGEN_LOAD_KEY": service.api_key, "CARDGEN_LOAD_OUT": str(out)}
    subprocess.run(
        command, env=own, check=True, timeout=seconds + _SPARE, stdout=subprocess.DEVNULL
    )


def _caches(service: Service) -> dict[str, int]:
    """Tell what the cache of the busiest web process did: each question may reach another one."""
    asked = [service.call("/api/v1/uniqueness/stats")["process"] for _ in range(_TRIES)]
    return max((one["cardgen_cache_events_total"] for one in asked), key=_looked_up)


def _looked_up(events: dict[str, int]) -> int:
    return sum(events.values())


if __name__ == "__main__":
    main()
