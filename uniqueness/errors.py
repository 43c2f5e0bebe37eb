"""What can go wrong when numbers are set aside and written."""

from toolkit.refusals import Refusal


class RangeExhausted(Refusal):
    """Fewer unused numbers are left than were asked for."""

    code = "range_exhausted"


class DuplicateRefused(Exception):
    """A unique index refused a row while minting: an alarm, no reason to try another number."""

    code = "duplicate_refused"


class ReservationLost(Exception):
    """The owner does not hold the slots it writes to any more; its transaction must roll back."""


class LedgerDamaged(Exception):
    """Rows of the ledger were changed behind our back; `slots` are theirs, packed."""

    def __init__(self, slots: list[int]) -> None:
        super().__init__(f"{len(slots)} rows of the ledger are damaged, the first in {slots[0]}")
        self.slots = slots
