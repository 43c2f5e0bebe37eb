"""What is minted: a range of numbers, and the profile of the fields around them."""

from dataclasses import dataclass

from generation.kernel.keys import RangeKeys

WINDOW_DIGITS = 6
LAST_MONTH = 10_000 * 12  # a four-digit year
NAME_LENGTHS = range(2, 27)  # ISO/IEC 7813, track 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSpec:
    """An issuer range (ISO/IEC 7812-1) with its keys; slots run from 0 to `capacity` - 1.

    :raises ValueError: if the IIN is not 6 or 8 ASCII digits, the PAN length is not 12 to 19
        or the CVV length is not 3 or 4; what is left has 3 to 12 free digits

    `cvv_from_pan`: the CVV follows a public rule, the digits just before the check digit. So it
    says nothing about a real card that may have the number.
    """

    iin: str
    pan_length: int
    keys: RangeKeys
    cvv_length: int = 3
    cvv_from_pan: bool = False

    def __post_init__(self) -> None:
        if len(self.iin) not in (6, 8) or not _is_digits(self.iin):
            raise ValueError("the IIN must be 6 or 8 ASCII digits")
        if not 12 <= self.pan_length <= 19:
            raise ValueError("the PAN length must be 12 to 19")
        if self.cvv_length not in (3, 4):
            raise ValueError("the CVV length must be 3 or 4")

    @property
    def free_digits(self) -> int:
        """Count the digits between IIN and check digit."""
        return self.pan_length - len(self.iin) - 1

    @property
    def tail_digits(self) -> int:
        """Count the digits FF1 permutes: those inside a window."""
        return min(WINDOW_DIGITS, self.free_digits)

    @property
    def capacity(self) -> int:
        """Count the slots of the range."""
        return int(10**self.free_digits)

    @property
    def window_slots(self) -> int:
        """Count the slots of one window."""
        return int(10**self.tail_digits)

    @property
    def windows(self) -> int:
        """Count the windows of the range."""
        return self.capacity // self.window_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Fields a caller may steer; months count as year * 12 + month - 1.

    Expiry months are spread evenly over [first_month, first_month + months).

    :raises ValueError: if the months are empty or leave the years 0 to 9999, the CVV is not
        3 or 4 ASCII digits, or the name is not 2 to 26 printable ASCII characters
    """

    first_month: int
    months: int
    cvv: str | None = None
    cardholder_name: str | None = None

    def __post_init__(self) -> None:
        if self.months < 1 or self.first_month < 0 or self.first_month + self.months > LAST_MONTH:
            raise ValueError("expiry months must be at least one, within the years 0 to 9999")
        if self.cvv is not None and not (len(self.cvv) in (3, 4) and _is_digits(self.cvv)):
            raise ValueError("the CVV must be 3 or 4 ASCII digits")
        if self.cardholder_name is not None and not _is_name(self.cardholder_name):
            raise ValueError("the cardholder name must be 2 to 26 printable ASCII characters")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_name(text: str) -> bool:
    return len(text) in NAME_LENGTHS and text.isascii() and text.isprintable()
