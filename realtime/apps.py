"""Django application `realtime`."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """`realtime`: see the package's docstring."""

    name = "realtime"
