"""Measure the list of jobs on throw-away servers: `.venv/bin/python -m bench.job_list`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cardgen.embedded.servers import running


def main() -> int:
    """Start the servers, and measure against them in a second process."""
    with tempfile.TemporaryDirectory(prefix="cardgen-bench-") as folder:
        found = os.environ | {"CARDGEN_VAR": folder, "DJANGO_SETTINGS_MODULE": "cardgen.settings"}
        with running(Path(folder)):
            command = [sys.executable, "-m", "bench.job_list.measure"]
            return subprocess.run(command, env=found, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
