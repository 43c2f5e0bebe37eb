"""`python -m chaos`; `make chaos` installs what it needs first."""

import os
import sys

import django
from django.utils.module_loading import import_string

from toolkit import endings


def main() -> None:
    """Run the command, which needs models, and they need Django set up."""
    django.setup()
    command = import_string("chaos.command.Command")
    command().run_from_argv(["python -m", "chaos", *sys.argv[1:]])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
    sys.exit(endings.run(main))
