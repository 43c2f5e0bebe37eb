"""Explain numbers on the terminal."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import CommandError

from toolkit.command_line import ending_plainly, numbers_on_stdin
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.reading import STDIN
from toolkit.requests import MAX_DIGITS, MAX_NUMBERS, digits_of
from uniqueness.check import Explanation, explain


class Command(OperatorCommand):
    """Numbers that are not in the ledger are shown masked."""

    help = (
        "Say what is known of card numbers: scheme, groups, check digit, tier, registered range,"
        " slot, whether they were issued here, and what providers publish about them."
        " Every user of this machine can see the arguments of a running command, and shells keep"
        " them: give '-' and send real numbers on standard input, one in a line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            *("numbers",), nargs="+", metavar="PAN", help="a number, or - to read standard input"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Explain all, or none if one of them is no number."""
        for explanation in explain(_numbers(options["numbers"])):
            self.stdout.write(
                json.dumps(explanation.as_dict()) if options["json"] else _text(explanation)
            )


def _numbers(arguments: list[str]) -> list[str]:
    numbers = list(islice(_each(arguments), MAX_NUMBERS + 1))
    if not numbers:
        raise CommandError("no number on standard input", returncode=ExitCode.BAD_REQUEST)
    if len(numbers) > MAX_NUMBERS:
        raise CommandError(
            f"more than {MAX_NUMBERS:,} numbers at once", returncode=ExitCode.BAD_REQUEST
        )
    return numbers


def _each(arguments: list[str]) -> Iterator[str]:
    """Read and check; a message names the place of a wrong one, never the text."""
    for place, argument in enumerate(arguments, start=1):
        if argument == STDIN:
            yield from (digits for _, digits in numbers_on_stdin())
        elif (digits := digits_of(argument)) is not None:
            yield digits
        else:
            raise CommandError(
                f"number {place} is not 1 to {MAX_DIGITS} digits (spaces and dashes are fine)",
                returncode=ExitCode.BAD_REQUEST,
            )


def _text(found: Explanation) -> str:
    lines = [found.shown, *(f"  {name:<10} {value}" for name, value in _lines(found))]
    return "\n".join(lines) + "\n"


def _lines(found: Explanation) -> Iterator[tuple[str, str]]:
    facts, scheme = found.as_dict(), found.verdict.scheme
    yield "scheme", f"{scheme.name} ({scheme.code})" if scheme else "none in the catalogue"
    yield "grouped", ", also ".join([found.grouped, *facts["other_groupings"]])
    yield "length", f"{len(found.shown)}, {'valid' if facts['length_valid'] else 'not valid'}"
    yield "luhn", _luhn(facts)
    yield "tier", facts["tier"] or "none: nothing is known, it may be a live number"
    yield "range", facts["range"] or "in no registered range"
    if found.slot is not None:
        yield "slot", f"{facts['slot']} (packed {found.slot})"
    yield "ledger", "issued here" if found.issued else "not issued here"
    if not found.agrees:
        yield "ALARM", "ledger and keys differ about this number: run verify_cards"
    if kept_out := found.kept_out:
        owner = f", of {kept_out.owner}" if kept_out.owner else ""
        yield "excluded", f"{kept_out.reason.label}: {kept_out.source}{owner}"
    for meaning in found.meanings:
        detail = f" ({meaning.detail})" if meaning.detail else ""
        yield "published", f"{meaning.provider}: {meaning.behaviour}{detail}"
        if meaning.use_with:
            yield "", f"use with {meaning.use_with}"


def _luhn(facts: dict[str, Any]) -> str:
    rule = "required" if facts["luhn_required"] else "not required here"
    if facts["luhn_valid"]:
        return f"valid, {rule}"
    if facts["luhn_required"]:
        return f"not valid, {rule}: the check digit should be {facts['check_digit']}"
    return f"not valid, {rule}"
