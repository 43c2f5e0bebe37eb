"""Free what nobody holds any more."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from jobs import upkeep
from toolkit.commands import OperatorCommand
from toolkit.wording import counted


class Command(OperatorCommand):
    """The same as beat does every hour."""

    help = (
        "Free numbers held by jobs that ended without minting them, or by owners nobody has heard"
        " of for a week, and join free spans that touch."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *_: object, **options: Any) -> None:
        """Clean up and report."""
        with transaction.atomic():
            done = upkeep.clean_up()
            if options["dry_run"]:
                transaction.set_rollback(True)
        verb = " would be" if options["dry_run"] else ""
        self.stdout.write(
            f"{counted(done.freed, 'number')}{verb} freed,"
            f" {counted(done.joined, 'free span')}{verb} joined"
        )
