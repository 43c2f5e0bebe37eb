"""List the schemes."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from generation.ranges import mintable
from generation.schemes import catalogue
from toolkit import tables
from toolkit.commands import OperatorCommand

_COLUMNS = ("scheme", "name", "digits", "ranges on")
_REMEDY = (
    "A scheme without a range that is on cannot be ordered yet. Most have one of the tier\n"
    'brand_shape: cardgen switch --tier brand_shape on --reason "…"   (read docs/tiers.md first)'
)


class Command(OperatorCommand):
    """The same as GET /api/v1/schemes."""

    help = "List the schemes: code, name, number of digits, ranges that can be ordered now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the option."""
        parser.add_argument("--on", action="store_true", help="those that can be ordered now")

    def handle(self, *_: object, **options: Any) -> None:
        """Show them."""
        on = Counter(mintable().values_list("scheme", flat=True))
        rows = [
            (scheme.code, scheme.name, ", ".join(map(str, scheme.pan_lengths)), on[scheme.code])
            for scheme in catalogue().values()
            if on[scheme.code] or not options["on"]
        ]
        tables.show(_COLUMNS, rows)
        if not all(row[-1] for row in rows):
            self.stderr.write(_REMEDY)
