"""Switch a tier or an issuer range on or off."""

from argparse import ArgumentParser
from typing import Any

from generation.models import Tier
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from uniqueness import registry


class Command(OperatorCommand):
    """The same as PATCH /api/v1/tiers/TIER and /api/v1/issuer-ranges/NAME."""

    help = "Switch a tier or an issuer range on or off for new cards, with a reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--tier", choices=Tier.values)
        what.add_argument("--range", help="e.g. 400000-16")
        parser.add_argument("state", choices=["on", "off"])
        parser.add_argument("--reason", required=True, help="stands in the audit trail")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Switch it."""
        change: dict[str, Any] = {
            "on": options["state"] == "on",
            "reason": options["reason"],
            "actor": shell_user(),
        }
        if options["tier"]:
            registry.switch_tier(tier=Tier(options["tier"]), **change)
        else:
            registry.switch_range(name=options["range"], **change)
        self.stderr.write(f"{options['tier'] or options['range']} is {options['state']}")
