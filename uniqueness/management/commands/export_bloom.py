"""Write the Bloom filters of a range to files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from tqdm import tqdm

from generation.ranges import range_named
from toolkit.command_line import ending_plainly, written
from toolkit.commands import OperatorCommand
from toolkit.new_files import add_force, new_file, require_new
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
        add_force(parser)

    @ending_plainly(interrupted="the files named are whole")
    def handle(self, *_: object, **options: Any) -> None:
        """Write them all; each appears under its name once it is whole."""
        issuer_range, folder = range_named(options["range"]), options["out"]
        windows = [one.number % bloom.PER_RANGE for one in bloom.used(issuer_range=issuer_range)]
        places = {window: folder / file_name(issuer_range.name, window) for window in windows}
        with written(folder):
            folder.mkdir(parents=True, exist_ok=True)
        require_new(places.values(), force=options["force"])
        hidden = not sys.stderr.isatty()
        bar = tqdm(places.items(), unit=" windows", file=sys.stderr, disable=hidden)
        for window, path in bar:
            content = export(issuer_range=issuer_range, window=window)
            if content is not None:
                with new_file(path, force=options["force"]) as file:
                    file.write(content)
                self.stdout.write(str(path))
