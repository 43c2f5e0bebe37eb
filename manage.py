#!/usr/bin/env python3
"""The command line in a clone: `./manage.py`, or `cardgen`, a link to it in .venv/bin.

Whatever Python starts it, it goes on with the one of .venv, and with the VAR of `make run`.
"""

import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent / ".venv"


def main() -> None:
    """Run a command, with the packages that `make install` installed."""
    _go_on_in_venv()
    if (remembered := VENV / ".var").is_file():  # written by `make run`
        os.environ.setdefault("CARDGEN_VAR", remembered.read_text(encoding="utf-8").strip())
    try:
        from cardgen.__main__ import main as run  # noqa: PLC0415 (only now are packages there)
    except ModuleNotFoundError as error:
        sys.exit(f"The package {error.name} is not installed: run `make install` first.")
    run()


def _go_on_in_venv() -> None:
    """Become the Python of .venv, unless this one belongs to an environment already."""
    python = VENV / "bin" / "python"
    if sys.prefix == sys.base_prefix and python.is_file():
        os.execv(python, [str(python), *sys.argv])  # noqa: S606 (no shell)


if __name__ == "__main__":
    main()
