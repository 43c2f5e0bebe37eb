"""What every management command of ours is."""

import os
from typing import Any

from django.core.management.base import BaseCommand

_OURS_ALONE = 0o077


class OperatorCommand(BaseCommand):
    """A command that starts without Django's checks, which took a second of each start.

    They are for those who change the code: `make lint` runs them. Settings are looked at whenever a
    process starts (jobs/limits.py).
    """

    requires_system_checks = ()

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it; what it writes, cards for example, nobody else may read."""
        before = os.umask(_OURS_ALONE)
        try:
            return super().execute(*args, **options)
        finally:
            os.umask(before)
