"""Run the benchmarks on throw-away servers.

The suite itself is a second process, started once the servers run: Django's settings find them by
CARDGEN_VAR.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import options
from cardgen.embedded.servers import running


def main() -> int:
    """Start the servers, run the suite against them, and return its exit code."""
    out = options.parse(sys.argv[1:]).out  # wrong options end it here, before anything starts
    with tempfile.TemporaryDirectory(prefix="cardgen-bench-") as folder:
        environment = os.environ | {
            "CARDGEN_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "cardgen.settings",
            "CARDGEN_REQUESTS": "0",  # one key and one address send all there is
            "CARDGEN_ADDRESS_REQUESTS": "0",
            "CARDGEN_ADDRESS_HANDSHAKES": "0",
        }
        with running(Path(folder)):
            told = ["--out", str(out), "--force"]  # asked once, above
            command = [sys.executable, "-m", "bench.suite", *sys.argv[1:], *told]
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
