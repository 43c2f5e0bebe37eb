"""Load the catalogue."""

from typing import Any

from generation.catalogue import register_ranges
from generation.published import meanings
from generation.ranges import check_master_key
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.wording import counted
from uniqueness.exclusions.adding import exclude, place
from uniqueness.models import Exclusion


class Command(OperatorCommand):
    """Idempotent: run it after every upgrade."""

    help = "Register the catalogue's issuer ranges and exclude every published test card number."

    @ending_plainly()
    def handle(self, *_: object, **__: Any) -> None:
        """Load, and check that the master key is the one the ranges were registered under."""
        check_master_key()
        ranges = register_ranges()
        place(ranges)
        numbers = {card.number: f"{card.provider}: {card.source}" for card in meanings()}
        excluded = exclude(numbers, reason=Exclusion.Reason.PUBLISHED)
        self.stderr.write(
            f"{counted(len(ranges), 'issuer range')} registered,"
            f" {counted(excluded, 'number')} excluded"
        )
