"""Django application `anomalies`."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_login_failed

from cardgen.anomalies.signs import count_failed_login


class AnomaliesConfig(AppConfig):
    """Rules about how keys and users behave."""

    name = "cardgen.anomalies"
    label = "anomalies"
    verbose_name = "anomalies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Count failed log-ins from now on."""
        user_login_failed.connect(count_failed_login)
