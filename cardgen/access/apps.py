"""Django application `access`."""

from importlib import import_module

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who may do what: API keys, and who signs in."""

    name = "cardgen.access"
    label = "access"

    def ready(self) -> None:
        """Listen to who signs in; models must be there first."""
        import_module("cardgen.access.sign_ins")
