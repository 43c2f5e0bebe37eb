"""Turn numbers into keyed hashes, for callers of `check` that must not send numbers."""

import sys
from argparse import ArgumentParser
from typing import Any

import numpy as np
from django.core.management.base import CommandError

from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.requests import digits_of
from uniqueness.cache import LONGEST_PAN, cache_keys, tokens


class Command(OperatorCommand):
    """One keyed hash a line on stdout, in the order read."""

    help = (
        "Read numbers from stdin, one a line, and write the keyed hash of each: one AES-256 block"
        " over the number's length and value, two 64-bit big-endian integers. POST /cards/check"
        " takes such hashes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--key", action="store_true", help="write the AES key instead, for use elsewhere"
        )

    def handle(self, *_: object, **options: Any) -> None:
        """Write the hashes, or the key."""
        if options["key"]:
            self.stdout.write(cache_keys().token.hex())
            return
        for number, line in enumerate(sys.stdin, start=1):
            digits = digits_of(line.strip())
            if digits is None or len(digits) > LONGEST_PAN:
                raise CommandError(
                    f"line {number} is no number of 1 to {LONGEST_PAN} digits",
                    returncode=ExitCode.BAD_REQUEST,
                )
            self.stdout.write(tokens(np.array([digits], dtype="S"))[0].tobytes().hex())
