"""Write the Bloom filters of a range to files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation.errors import MasterKeyMismatch, UnregisteredIin
from generation.models import IssuerRange
from generation.ranges import range_named
from uniqueness import bloom
from uniqueness.bloom import export, file_name


class Command(BaseCommand):
    """The files of GET /api/v1/uniqueness/bloom/RANGE/WINDOW, for docs/bloom_reader.py."""

    help = (
        "Write the Bloom filter of every window of a range to a file of its own, and print the"
        " files' names. Exit codes: 0 done, 2 no such range, 3 a file cannot be written, or the"
        " master key is another one, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--range", required=True, metavar="NAME", help="e.g. 400000-16")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="made if absent")

    def handle(self, *_: object, **options: Any) -> None:
        """Write them all; a file that stands there is replaced once the new one is whole."""
        try:
            issuer_range = range_named(options["range"])
        except UnregisteredIin as error:
            raise CommandError(error.detail, returncode=2) from None
        found = bloom.used(issuer_range=issuer_range)
        hidden = not sys.stderr.isatty()
        try:
            options["out"].mkdir(parents=True, exist_ok=True)
            for window in tqdm(found, unit=" windows", file=sys.stderr, disable=hidden):
                self._write(issuer_range, window.number % bloom.PER_RANGE, folder=options["out"])
        except (OSError, MasterKeyMismatch) as error:
            raise CommandError(str(error), returncode=3) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; the files named are whole", returncode=130) from None

    def _write(self, issuer_range: IssuerRange, window: int, *, folder: Path) -> None:
        content = export(issuer_range=issuer_range, window=window)
        if content is not None:
            path = folder / file_name(issuer_range.name, window)
            partial = path.with_suffix(".part")
            partial.write_bytes(content)
            partial.replace(path)
            self.stdout.write(str(path))
