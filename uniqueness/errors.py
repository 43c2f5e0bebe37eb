"""What can go wrong when numbers are set aside and written."""

from toolkit.refusals import Refusal
from toolkit.wording import counted


class RangeExhausted(Refusal):
    """Fewer unused numbers are left than were asked for."""

    code = "range_exhausted"


class DuplicateRefused(Exception):
    """A unique index refused a row while minting: an alarm, no reason to try another number."""

    code = "duplicate_refused"

    def __init__(self, *, range_name: str) -> None:
        # The driver's message would quote the number.
        super().__init__(
            f"a unique index refused a card of range {range_name}: nothing was written"
        )


class ReservationLost(Exception):
    """The owner does not hold the slots it writes to any more; its transaction must roll back."""


class LedgerDamaged(Exception):
    """Rows of the ledger were changed behind our back; `slots` are theirs, packed."""

    def __init__(self, slots: list[int]) -> None:
        what = counted(len(slots), "row of the ledger is", "rows of the ledger are")
        super().__init__(f"{what} damaged, the first in {slots[0]}")
        self.slots = slots
