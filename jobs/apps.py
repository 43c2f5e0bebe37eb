"""Django application `jobs`."""

from django.apps import AppConfig
from django.core.checks import register

from jobs.checks import time_limits


class JobsConfig(AppConfig):
    """`jobs`: see the package's docstring."""

    name = "jobs"

    def ready(self) -> None:
        """Register the checks."""
        register(time_limits)
