"""Write the Bloom filters of a range to files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from tqdm import tqdm

from generation.models import IssuerRange
from generation.ranges import range_named
from toolkit.command_line import ending_plainly, written
from toolkit.commands import OperatorCommand
from uniqueness import bloom
from uniqueness.bloom import export, file_name


class Command(OperatorCommand):
    """The files of GET /api/v1/uniqueness/bloom/RANGE/WINDOW, for docs/bloom_reader.py."""

    help = (
        "Write the Bloom filter of every window of a range to a file of its own, and print the"
        " files' names."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--range", required=True, metavar="NAME", help="e.g. 400000-16")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="made if absent")

    @ending_plainly(interrupted="the files named are whole")
    def handle(self, *_: object, **options: Any) -> None:
        """Write them all; a file that stands there is replaced once the new one is whole."""
        issuer_range = range_named(options["range"])
        found = bloom.used(issuer_range=issuer_range)
        hidden = not sys.stderr.isatty()
        with written(options["out"]):
            options["out"].mkdir(parents=True, exist_ok=True)
        for window in tqdm(found, unit=" windows", file=sys.stderr, disable=hidden):
            self._write(issuer_range, window.number % bloom.PER_RANGE, folder=options["out"])

    def _write(self, issuer_range: IssuerRange, window: int, *, folder: Path) -> None:
        content = export(issuer_range=issuer_range, window=window)
        if content is not None:
            path = folder / file_name(issuer_range.name, window)
            partial = path.with_suffix(".part")
            with written(path):
                partial.write_bytes(content)
                partial.replace(path)
            self.stdout.write(str(path))
