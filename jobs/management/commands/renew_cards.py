"""Renew cards from the command line."""

import csv
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ValidationError

from jobs.orders import FIELDS, TERM_MONTHS, Origin, renew_cards
from jobs.results.query import checked_fields
from toolkit.command_line import owner_named
from toolkit.refusals import Refusal


class Command(BaseCommand):
    """Numbers come on stdin: arguments can be seen in the list of processes."""

    help = "Read card numbers from stdin, one a line, renew each, and print CSV on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--months", type=int, default=TERM_MONTHS, help="one term")
        parser.add_argument("--fields", help="names separated by commas, see docs/cards.md")
        parser.add_argument("--user", help="for whom; the first administrator if absent")

    def handle(self, *_: object, **options: Any) -> None:
        """Renew them all, or none."""
        numbers = [line.strip() for line in sys.stdin if line.strip()]
        if not numbers or not 1 <= options["months"] <= 120:
            raise CommandError("give numbers on stdin, and 1 to 120 months", returncode=2)
        fields = _fields(options["fields"])
        try:
            cards = renew_cards(
                numbers=numbers,
                origin=Origin(owner=owner_named(options["user"])),
                term=options["months"],
                fields=fields,
            )
        except Refusal as error:
            raise CommandError(error.detail, returncode=3) from None
        file = csv.DictWriter(self.stdout, fields, lineterminator="\n")
        file.writeheader()
        file.writerows(cards)


def _fields(names: str | None) -> tuple[str, ...]:
    if names is None:
        return FIELDS
    try:
        return checked_fields(names.split(","))
    except ValidationError as error:
        raise CommandError(" ".join(map(str, error.detail)), returncode=2) from None
