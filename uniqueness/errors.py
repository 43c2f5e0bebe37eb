"""What can go wrong when numbers are set aside and written."""

from generation.errors import Refusal


class RangeExhausted(Refusal):
    """Fewer unused numbers are left than were asked for."""

    code = "range_exhausted"


class DuplicateRefused(Exception):
    """A unique index refused a row while minting: an alarm, no reason to try another number."""

    code = "duplicate_refused"
