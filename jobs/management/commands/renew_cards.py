"""Renew cards from the command line."""

import csv
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from jobs.orders import FIELDS, MOST_MONTHS, TERM_MONTHS, Origin, renew_cards
from jobs.results.query import checked_fields
from toolkit.command_line import ending_plainly, naming_lines, numbers_on_stdin, owner_named
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Numbers come on stdin: arguments can be seen in the list of processes."""

    help = (
        "Read card numbers from stdin, one a line, each once, with spaces and dashes or without;"
        " renew all of them or none, and print CSV on stdout."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--months", type=int, default=TERM_MONTHS, help="one term")
        parser.add_argument("--fields", help="names separated by commas, see docs/cards.md")
        parser.add_argument("--user", help="for whom; the first administrator if absent")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Renew them all, or none."""
        if not 1 <= options["months"] <= MOST_MONTHS:
            raise CommandError(
                f"--months is a number from 1 to {MOST_MONTHS}", returncode=ExitCode.BAD_REQUEST
            )
        fields = (
            FIELDS if options["fields"] is None else checked_fields(options["fields"].split(","))
        )
        lines = _lines_of_numbers()
        with naming_lines(list(lines.values())):
            cards = renew_cards(
                numbers=list(lines),
                origin=Origin(owner=owner_named(options["user"])),
                term=options["months"],
                fields=fields,
            )
        file = csv.DictWriter(self.stdout, fields, lineterminator="\n")
        file.writeheader()
        file.writerows(cards)


def _lines_of_numbers() -> dict[str, int]:
    """Read the numbers, each once, and in which line it stands."""
    lines: dict[str, int] = {}
    for line, number in numbers_on_stdin():
        if number in lines:
            raise CommandError(
                f"line {line:,} repeats line {lines[number]:,}: give each number once",
                returncode=ExitCode.BAD_REQUEST,
            )
        lines[number] = line
    if not lines:
        raise CommandError("no number on standard input", returncode=ExitCode.BAD_REQUEST)
    return lines
