"""Django application `jobs`."""

from django.apps import AppConfig

from jobs.limits import require_time_limits


class JobsConfig(AppConfig):
    """`jobs`: see the package's docstring."""

    name = "jobs"

    def ready(self) -> None:
        """Start with settings that fit together, or not at all."""
        require_time_limits()
