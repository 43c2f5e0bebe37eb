"""Turn numbers into keyed hashes, for callers of `check` that must not send numbers."""

from argparse import ArgumentParser
from typing import Any

import numpy as np

from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly, numbers_on_stdin
from toolkit.commands import OperatorCommand
from uniqueness.cache import LONGEST_PAN, cache_keys, tokens
from uniqueness.trail import note


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

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Write the hashes, or the key."""
        if options["key"]:
            note(
                actor=shell_user(),
                action="read_hash_key",
                subject="key of keyed hashes",
                reason="hash_numbers --key",
            )
            self.stdout.write(cache_keys().token.hex())
            return
        for _line, digits in numbers_on_stdin(longest=LONGEST_PAN):
            self.stdout.write(tokens(np.array([digits], dtype="S"))[0].tobytes().hex())
