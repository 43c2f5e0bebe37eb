"""List the issuer ranges."""

from argparse import ArgumentParser
from typing import Any

from generation import tiers
from generation.models import IssuerRange
from generation.schemes import code_of
from toolkit import tables
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from uniqueness.registry.representation import range_dicts

_COLUMNS = ("range", "scheme", "tier", "issued", "left")


class Command(OperatorCommand):
    """The same as GET /api/v1/issuer-ranges."""

    help = "List the registered issuer ranges, and how many numbers are left in each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--scheme", help="of this scheme alone")
        parser.add_argument("--on", action="store_true", help="those that can be ordered now")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Show them."""
        on = tiers.enabled()
        found = IssuerRange.objects.order_by("iin", "pan_length")
        if options["scheme"]:
            found = found.filter(scheme=code_of(options["scheme"]))
        if options["on"]:
            found = found.filter(enabled=True, tier__in=on)
        rows = [
            (
                *(row[name] for name in _COLUMNS),
                _state(enabled=row["enabled"], tier=row["tier"] in on),
            )
            for row in range_dicts(found)
        ]
        tables.show([*_COLUMNS, "state"], rows)


def _state(*, enabled: bool, tier: bool) -> str:
    return "on" if enabled and tier else "tier is off" if enabled else "off"
