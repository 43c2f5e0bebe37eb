"""What every management command of ours is."""

import os

from django.core.management.base import BaseCommand

_OURS_ALONE = 0o077


class OperatorCommand(BaseCommand):
    """A command that starts without Django's checks, which took a second of each start.

    They are for those who change the code: `make lint` runs them. Settings are looked at whenever a
    process starts (jobs/limits.py).
    """

    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Run it as the process that it is; what it writes, cards for example, is ours alone.

        Not when Python calls it: the mode is the whole process', other threads write too.
        """
        before = os.umask(_OURS_ALONE)
        try:
            super().run_from_argv(argv)
        finally:
            os.umask(before)
