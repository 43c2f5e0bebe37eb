"""List the tiers."""

from generation import tiers
from toolkit import tables
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """The same as GET /api/v1/tiers."""

    help = "List the tiers, the safest first: whether each is on, and what it promises."

    def handle(self, *_: object, **__: object) -> None:
        """Show them."""
        on = tiers.enabled()
        rows = [(tier, "on" if tier in on else "off", tiers.PROMISES[tier]) for tier in tiers.ORDER]
        tables.show(["tier", "state", "promise"], rows)
        if off := [tier for tier in tiers.ORDER if tier not in on]:
            self.stderr.write(f'Switch one on: cardgen switch --tier {off[0]} on --reason "…"')
