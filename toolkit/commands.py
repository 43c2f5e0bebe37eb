"""What every management command of ours is."""

from django.core.management.base import BaseCommand


class OperatorCommand(BaseCommand):
    """A command that starts without Django's checks, which took a second of each start.

    They are for those who change the code: `make lint` runs them. Settings are looked at whenever a
    process starts (jobs/limits.py).
    """

    requires_system_checks = ()
