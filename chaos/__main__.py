"""`python -m chaos`; `make chaos` installs what it needs first."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
django.setup()

from chaos.command import Command  # noqa: E402 (models need Django set up)

if __name__ == "__main__":
    Command().run_from_argv(["python -m", "chaos", *sys.argv[1:]])
