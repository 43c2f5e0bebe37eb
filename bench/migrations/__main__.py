"""Fill the tables of the last release, then migrate; print how long it took, and who waited.

Servers are throw-away, in the folder of temporary files (TMPDIR): 1,000,000 rows take 0.4 GB there.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cardgen.embedded.servers import running

_MOST = 500_000_000


def main() -> int:
    """Return the exit code of the suite."""
    parser = argparse.ArgumentParser(prog="make migrations", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="cards, and as many exclusions (1,000,000)"
    )
    parser.add_argument("--jobs", type=int, help="a fiftieth of the rows, if absent")
    options = parser.parse_args()
    jobs = options.rows // 50 if options.jobs is None else options.jobs
    if not 0 < options.rows <= _MOST or not 0 <= jobs <= _MOST:
        parser.error(f"--rows goes from 1 to {_MOST:,}, --jobs from 0")
    with tempfile.TemporaryDirectory(prefix="cardgen-bench-") as folder:
        Path(folder).chmod(0o711)  # the servers' own user must reach its data
        environment = os.environ | {
            "CARDGEN_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "cardgen.settings",
        }
        with running(Path(folder)):
            words = [str(options.rows), str(jobs)]
            command = [sys.executable, "-m", "bench.migrations.suite", *words]
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
