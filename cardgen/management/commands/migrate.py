"""Django's `migrate`, as the owner of the tables."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections

from cardgen.management.grants import grant
from toolkit.commands import OperatorCommand


class Command(migrate.Command, OperatorCommand):
    """What it makes belongs to the owner; the application then gets the rights that it needs."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the owner's connection unless another one is named."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Migrate, then grant."""
        super().handle(*arguments, **options)
        owner, application = connections[options["database"]], connections["default"]
        role = str(application.settings_dict["USER"])
        changed = not (options["plan"] or options["check_unapplied"])
        if changed and role != owner.settings_dict["USER"]:
            grant(role, using=options["database"])
        if owner is not application:
            owner.close()
