#!/usr/bin/env python
"""Django's command line for cardgen."""

import os
import sys

from django.core.management import execute_from_command_line

from toolkit import endings

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
    sys.exit(endings.run(lambda: execute_from_command_line(sys.argv)))
