"""Run the benchmarks on throw-away servers and print one table.

The suite itself is a second process, started once the servers run: Django's settings find them by
CARDGEN_VAR.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cardgen.embedded.servers import running


def main() -> int:
    """Start the servers, run the suite against them, and return its exit code."""
    with tempfile.TemporaryDirectory(prefix="cardgen-bench-") as folder:
        environment = os.environ | {
            "CARDGEN_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "cardgen.settings",
        }
        with running(Path(folder)):
            command = [sys.executable, "-m", "bench.suite", *sys.argv[1:]]
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
