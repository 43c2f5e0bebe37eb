"""Replace an API key by a new one."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from cardgen.access.keys.making import MOST_OVERLAP, rotate_key
from cardgen.access.quota_holders import key_named
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly, whole
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """Prints the new key alone on stdout; it cannot be shown again."""

    help = "Make a key like an old one, which works on for some hours, and print it on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("key", help="id, name or first characters of the key; never all of it")
        parser.add_argument(
            "--hours",
            type=whole(least=0, most=MOST_OVERLAP.days * 24),
            default=24,
            help="so long the old one works on; 24 if absent",
        )

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Rotate it."""
        key = key_named(options["key"])
        overlap = timedelta(hours=options["hours"])
        self.stdout.write(rotate_key(key, overlap=overlap, actor=shell_user()).key)
