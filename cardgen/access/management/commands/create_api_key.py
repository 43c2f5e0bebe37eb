"""Make an API key."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cardgen.access.keys.making import DEFAULT_SCOPES, KeyOrder, create_key
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly, user_named, whole
from toolkit.commands import OperatorCommand
from toolkit.rights import Right


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
            choices=[right.value for right in Right],
            help=f"may be repeated; {', '.join(sorted(DEFAULT_SCOPES))} if absent",
        )
        parser.add_argument(
            "--network", action="append", default=[], help="may be used from there alone; repeat it"
        )
        parser.add_argument(
            "--days",
            type=whole(least=1, most=3_650),
            help="it expires after so many; never if absent",
        )

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Make the key."""
        days = options["days"]
        order = KeyOrder(
            name=options["name"],
            scopes=frozenset(map(Right, options["scope"] or DEFAULT_SCOPES)),
            networks=tuple(options["network"]),
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
        )
        made = create_key(user=user_named(options["user"]), order=order, actor=shell_user())
        self.stdout.write(made.key)
