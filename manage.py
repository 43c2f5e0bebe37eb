#!/usr/bin/env python
"""Django's command line for cardgen."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The configuration is wrong: {error}. See docs/configuration.md.")
    except OperationalError as error:
        sys.exit(
            f"The database does not answer: {error}\n"
            "Start cardgen with `make run` in another terminal, or set DATABASE_URL."
        )
