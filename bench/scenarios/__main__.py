"""Start throw-away servers, a service and Locust; print what the service did, by its own criteria.

Nothing but loopback is asked, and for so long as `--seconds` says.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cardgen.embedded.servers import running

_MOST = 3_600


def main() -> int:
    """Return the exit code of the suite."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--users", type=int, default=20, help="at once, over all scenarios (20)")
    parser.add_argument("--seconds", type=int, default=60, help=f"up to {_MOST:,} (60)")
    parser.add_argument(
        "--faults", action="store_true", help="kill, restart and roll parts meanwhile"
    )
    parser.add_argument("--seed", type=int, help="the same faults again; by chance if absent")
    options = parser.parse_args()
    if not 0 < options.seconds <= _MOST or not 0 < options.users <= 1_000:
        parser.error(f"--seconds goes to {_MOST:,}, --users to 1,000")
    with tempfile.TemporaryDirectory(prefix="cardgen-load-") as folder:
        Path(folder).chmod(0o711)  # the servers' own user must reach its data
        environment = os.environ | {
            "CARDGEN_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "cardgen.settings",
            # One key and one address are all users there are.
            "CARDGEN_REQUESTS": "0",
            "CARDGEN_ADDRESS_REQUESTS": "0",
            "CARDGEN_ADDRESS_HANDSHAKES": "0",
            "CARDGEN_CARDS_PER_DAY": "0",
            "CARDGEN_ACTIVE_JOBS": "0",
        }
        words = [str(options.users), str(options.seconds)]
        if options.faults:
            seed = secrets.randbelow(10**9) if options.seed is None else options.seed
            print(f"seed {seed}", file=sys.stderr)  # noqa: T201
            return _run("availability", *words, str(seed), environment=environment)
        with running(Path(folder)):
            return _run("suite", *words, environment=environment)


def _run(module: str, *words: str, environment: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", f"bench.scenarios.{module}", *words]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
