"""See that the version that serves does its work."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from cardgen.management.smoke import DoesNotWork, smoke
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Makes two cards, with the first API key."""

    help = (
        "Order a card at once and one by a job, and open the job's live page, with the key of"
        " CARDGEN_BOOTSTRAP_KEY. Exit code 1 if something does not work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to ask."""
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="host:port")

    def handle(self, *_: object, **options: Any) -> None:
        """Ask, and say what does not work."""
        if not settings.CARDGEN_BOOTSTRAP_KEY:
            raise CommandError("Set CARDGEN_BOOTSTRAP_KEY.", returncode=ExitCode.BAD_REQUEST)
        try:
            smoke(options["address"])
        except DoesNotWork as error:
            raise CommandError(str(error), returncode=ExitCode.FAILED) from None
        self.stderr.write("a card at once, a job and its live page work")
