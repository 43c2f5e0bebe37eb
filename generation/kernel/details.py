"""What else a card has: billing address, service code, PIN, and its renewals.

All are pure functions of (field key, slot), in AES blocks of their own: adding a field here
changes no card already minted.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generation.kernel.derived import Block, choose, cvvs, field_block
from generation.kernel.digits import column, join, spell
from generation.kernel.mint import Cards
from generation.kernel.spec import LAST_MONTH, Profile, RangeSpec
from generation.kernel.streets import STREETS

DETAILS_BLOCK = 1  # words: house number, street, postcode, service code
PIN_BLOCK = 2  # words: PIN digits 1 to 6, PIN digits 7 to 12, then none yet
ADDRESS_LENGTH = 40
POSTCODE_DIGITS = 5
POSTCODE_LENGTH = 10
LAST_HOUSE = 999
PIN_LENGTHS = range(4, 13)  # ISO 9564-1
LAST_SEQUENCE = 99

_PIN_DIGITS_OF_A_WORD = 6

# ISO/IEC 7813, digit by digit: 1, 2 = international, stripe or chip; 6 = national, chip; 0, 2 =
# authorised by the normal rules or online by the issuer; 1 = no restrictions. Shares in percent.
SERVICE_CODES = {"201": 55, "221": 15, "101": 15, "601": 10, "121": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a fixed text may be: a pattern for the whole of it, and the same in words."""

    pattern: str
    words: str

    def require(self, text: str | None, *, name: str) -> None:
        """Let None and texts through that keep the rule.

        :raises ValueError: says the rule, and does not quote the text
        """
        if text is not None and not re.fullmatch(self.pattern, text):
            raise ValueError(f"the {name} must be {self.words}")


# No character that a spreadsheet or a separated file would take for its own.
ADDRESS = Rule(
    pattern=rf"[A-Za-z0-9]([A-Za-z0-9 .'#/&()_-]{{0,{ADDRESS_LENGTH - 2}}}[A-Za-z0-9.)])?",
    words=f"1 to {ADDRESS_LENGTH} characters: letters A to Z, digits, spaces and . ' # / & ( ) _ -,"
    " first a letter or digit, last a letter, digit, full stop or closing bracket",
)
POSTCODE = Rule(
    pattern=f"[A-Za-z0-9]([A-Za-z0-9 -]{{0,{POSTCODE_LENGTH - 2}}}[A-Za-z0-9])?",
    words=f"1 to {POSTCODE_LENGTH} characters: letters A to Z, digits, spaces and -,"
    " first and last a letter or digit",
)
SERVICE_CODE = Rule(
    pattern="[125679][024][0-7]",
    words="3 digits of ISO/IEC 7813: first 1, 2, 5, 6, 7 or 9, second 0, 2 or 4, third 0 to 7",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Values a caller may fix for every card; None leaves them to the slot.

    :raises ValueError: if a text breaks its rule (`ADDRESS`, `POSTCODE`, `SERVICE_CODE`), or the
        PIN is not to have 4 to 12 digits
    """

    address: str | None = None
    postcode: str | None = None
    service_code: str | None = None
    pin_length: int = PIN_LENGTHS[0]

    def __post_init__(self) -> None:
        if self.pin_length not in PIN_LENGTHS:
            raise ValueError(f"a PIN must have {PIN_LENGTHS[0]} to {PIN_LENGTHS[-1]} digits")
        ADDRESS.require(self.address, name="address")
        POSTCODE.require(self.postcode, name="postcode")
        SERVICE_CODE.require(self.service_code, name="service code")


PLAIN = Details()
"""Nothing fixed."""


def addresses(
    spec: RangeSpec, *, slots: NDArray[np.int64], details: Details, block: Block | None = None
) -> NDArray[np.bytes_]:
    """Give N billing address lines such as "12 MAPLE STREET", ASCII (dtype S40).

    For address verification (AVS), which compares the digits of address and postcode.

    :param block: the `field_block` of these slots with number `DETAILS_BLOCK`, if at hand
    """
    if details.address is not None:
        return np.full(slots.size, details.address.encode(), dtype=f"S{ADDRESS_LENGTH}")
    words = field_block(spec, slots=slots, number=DETAILS_BLOCK) if block is None else block
    houses, streets = _address_parts()
    house = houses.take(choose(words[:, 0], LAST_HOUSE))
    street = streets.take(choose(words[:, 1], len(STREETS)))
    return np.strings.add(house, street).astype(f"S{ADDRESS_LENGTH}")


def postcodes(
    spec: RangeSpec, *, slots: NDArray[np.int64], details: Details, block: Block | None = None
) -> NDArray[np.bytes_]:
    """Give N postcodes of 5 ASCII digits for address verification (dtype S5), or the fixed one.

    :param block: the `field_block` of these slots with number `DETAILS_BLOCK`, if at hand
    """
    if details.postcode is not None:
        return np.full(slots.size, details.postcode.encode(), dtype=f"S{POSTCODE_LENGTH}")
    words = field_block(spec, slots=slots, number=DETAILS_BLOCK) if block is None else block
    return spell(choose(words[:, 2], 10**POSTCODE_DIGITS), digits=POSTCODE_DIGITS)


def service_codes(
    spec: RangeSpec, *, slots: NDArray[np.int64], details: Details, block: Block | None = None
) -> NDArray[np.bytes_]:
    """Give N service codes of ISO/IEC 7813 (dtype S3), spread as `SERVICE_CODES` says.

    :param block: the `field_block` of these slots with number `DETAILS_BLOCK`, if at hand
    """
    if details.service_code is not None:
        return np.full(slots.size, details.service_code.encode(), dtype="S3")
    words = field_block(spec, slots=slots, number=DETAILS_BLOCK) if block is None else block
    percent = np.repeat(list(map(str.encode, SERVICE_CODES)), list(SERVICE_CODES.values()))
    return percent.astype("S3").take(choose(words[:, 3], percent.size))


def pins(
    spec: RangeSpec, *, slots: NDArray[np.int64], details: Details, block: Block | None = None
) -> NDArray[np.bytes_]:
    """Give N PINs of 4 to 12 ASCII digits (ISO 9564-1); a longer PIN begins with the shorter.

    :param block: the `field_block` of these slots with number `PIN_BLOCK`, if at hand
    """
    words = field_block(spec, slots=slots, number=PIN_BLOCK) if block is None else block
    starts = min(details.pin_length, _PIN_DIGITS_OF_A_WORD)
    digits = spell(choose(words[:, 0], 10**starts), digits=starts)
    more = details.pin_length - starts
    if not more:
        return digits
    rest = spell(choose(words[:, 1], 10**more), digits=more)
    return column(join(digits, rest, count=slots.size))


def renew(spec: RangeSpec, *, cards: Cards, profile: Profile, sequence: int, months: int) -> Cards:
    """Give the cards as renewed: same PAN, expiry `sequence` terms later, another CVV.

    PIN, service code and address stay: they belong to the account, not to the plastic. So does a
    CVV that follows from the PAN.

    :param cards: as minted first, with PAN sequence number 0
    :param sequence: the PAN sequence number (EMV tag 5F34)
    :param months: one term
    :raises ValueError: if the sequence is outside 1 to 99 or an expiry leaves the year 9999
    """
    if not 1 <= sequence <= LAST_SEQUENCE:
        raise ValueError("the PAN sequence number of a renewal must be 1 to 99")
    expiry_months = cards.expiry_months + np.int32(sequence * months)
    if expiry_months.size and not 0 <= expiry_months.min() <= expiry_months.max() < LAST_MONTH:
        raise ValueError("expiry months must stay within the years 0 to 9999")
    renewed = replace(cards, expiry_months=expiry_months)
    if spec.cvv_from_pan:
        return renewed
    block = field_block(spec, slots=cards.slots, sequence=sequence)
    return replace(renewed, cvvs=cvvs(spec, slots=cards.slots, profile=profile, block=block))


@lru_cache(maxsize=1)
def _address_parts() -> tuple[NDArray[np.bytes_], NDArray[np.bytes_]]:
    houses = [f"{number} ".encode() for number in range(1, LAST_HOUSE + 1)]
    return np.array(houses), np.array([street.encode() for street in STREETS])
