"""Renew cards from the command line."""

import csv
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from jobs.orders import FIELDS, TERM_MONTHS, Origin, renew_cards
from jobs.results.query import checked_fields
from toolkit.command_line import ending_plainly, owner_named
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Numbers come on stdin: arguments can be seen in the list of processes."""

    help = "Read card numbers from stdin, one a line, renew each, and print CSV on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--months", type=int, default=TERM_MONTHS, help="one term")
        parser.add_argument("--fields", help="names separated by commas, see docs/cards.md")
        parser.add_argument("--user", help="for whom; the first administrator if absent")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Renew them all, or none."""
        numbers = [line.strip() for line in sys.stdin if line.strip()]
        if not numbers or not 1 <= options["months"] <= 120:
            raise CommandError(
                "give numbers on stdin, and 1 to 120 months", returncode=ExitCode.BAD_REQUEST
            )
        fields = (
            FIELDS if options["fields"] is None else checked_fields(options["fields"].split(","))
        )
        cards = renew_cards(
            numbers=numbers,
            origin=Origin(owner=owner_named(options["user"])),
            term=options["months"],
            fields=fields,
        )
        file = csv.DictWriter(self.stdout, fields, lineterminator="\n")
        file.writeheader()
        file.writerows(cards)
