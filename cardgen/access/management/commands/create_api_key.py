"""Make an API key."""

from argparse import ArgumentParser
from typing import Any

from cardgen.access.keys import create_key
from cardgen.access.models import Scope
from toolkit.command_line import ending_plainly, user_named
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """Prints the key alone on stdout; it cannot be shown again."""

    help = "Make an API key for a user and print it, alone, on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--user", required=True, help="name of an existing user")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="may be repeated; without it the key has every scope",
        )

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Make the key."""
        user = user_named(options["user"])
        self.stdout.write(create_key(user=user, name=options["name"], scopes=options["scope"]))
