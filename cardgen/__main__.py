"""The command line: `python -m cardgen`, `cardgen` where a wheel is installed, `manage.py` here."""

import os
import sys

from cardgen import overview
from cardgen.management import program
from toolkit import endings


def main() -> None:
    """Run a management command, and end with its exit code; without one, list what there is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
    if sys.argv[1:] in overview.ASKED:
        sys.exit(endings.run(lambda: sys.stdout.write(overview.text())))
    sys.exit(endings.run(lambda: program.run(sys.argv)))


if __name__ == "__main__":
    main()
