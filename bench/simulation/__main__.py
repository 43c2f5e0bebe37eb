"""Run the simulation's suite, on throw-away servers if it measures (see bench.__main__)."""

import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from cardgen.embedded.servers import running


def main() -> int:
    """Start the servers if need be, run the suite, and return its exit code."""
    with tempfile.TemporaryDirectory(prefix="cardgen-bench-") as folder:
        environment = os.environ | {
            "CARDGEN_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "cardgen.settings",
        }
        command = [sys.executable, "-m", "bench.simulation.suite", *sys.argv[1:]]
        known = "--costs" in sys.argv
        with nullcontext() if known else running(Path(folder)):
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
