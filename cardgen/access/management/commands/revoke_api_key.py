"""Revoke an API key."""

from argparse import ArgumentParser
from typing import Any

from cardgen.access.keys.making import revoke_keys
from cardgen.access.models import ApiKey
from cardgen.access.quota_holders import key_named
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """Sockets, streams and downloads that it began end within a minute."""

    help = "Revoke an API key at once and for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("key", help="id, name or first characters of the key; never all of it")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Revoke it."""
        key = key_named(options["key"])
        done = revoke_keys(ApiKey.objects.filter(pk=key.pk), actor=shell_user())
        self.stderr.write("revoked" if done else "it was revoked before")
