"""Django application `access`."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """API keys and the permissions they carry."""

    name = "cardgen.access"
    label = "access"
