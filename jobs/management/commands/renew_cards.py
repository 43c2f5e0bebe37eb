"""Renew cards from the command line."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.errors import Refusal
from jobs.owners import owner_named
from jobs.renewals import FIELDS, TERM_MONTHS, renew_cards


class Command(BaseCommand):
    """Numbers come on stdin: arguments can be seen in the list of processes."""

    help = "Read card numbers from stdin, one a line, renew each, and print CSV on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--months", type=int, default=TERM_MONTHS, help="one term")
        parser.add_argument("--user", help="for whom; the first administrator if absent")

    def handle(self, *_: object, **options: Any) -> None:
        """Renew them all, or none."""
        numbers = [line.strip() for line in sys.stdin if line.strip()]
        if not numbers or not 1 <= options["months"] <= 120:
            raise CommandError("give numbers on stdin, and 1 to 120 months", returncode=2)
        try:
            cards = renew_cards(
                numbers=numbers, owner=owner_named(options["user"]), term=options["months"]
            )
        except Refusal as error:
            raise CommandError(error.detail, returncode=3) from None
        self.stdout.write(",".join(FIELDS))
        for card in cards:
            self.stdout.write(",".join(str(value) for value in card.values()))
