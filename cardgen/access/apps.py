"""Django application `access`."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Who may do what: roles, API keys, and who signs in."""

    name = "cardgen.access"
    label = "access"

    def ready(self) -> None:
        """Listen to who signs in, and keep the roles; models must be there first."""
        import_module("cardgen.access.sign_ins")
        import_module("cardgen.access.handed_over")
        roles = import_module("cardgen.access.rights.roles")
        post_migrate.connect(roles.ensure_roles, sender=self)
