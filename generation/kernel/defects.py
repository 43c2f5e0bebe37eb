"""Cards with one thing wrong, for negative tests: still one slot, one card, for ever.

Every map from slots is injective and has an inverse, so such cards never repeat either, and "is
it ours" stays arithmetic. No defective PAN is a good PAN of any range:

* luhn, too_long, too_short fail Luhn (or are under 12 digits); non_digit has a letter;
* unknown_scheme has a prefix of its own: 99, then the stand-in number of its range. In ISO/IEC
  7812-1 the country code follows a 9, and ISO 3166-1 assigns none from 900 to 999. A range must
  therefore not be registered under 99;
* expired and cvv_length keep the slot's own PAN: nothing is wrong with that.

Defective PANs of one range differ from each other, whatever their defects. So do those of
different ranges, with one exception: a too_short PAN may be a luhn, too_long or too_short one of a
range with the same IIN and another length, for too_short needs every number that fails Luhn.
"""

from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from generation.kernel import wrong_pans
from generation.kernel.derived import choose, field_block
from generation.kernel.digits import column, rows
from generation.kernel.mint import Cards
from generation.kernel.spec import LAST_MONTH, RangeSpec

DEFECTS_BLOCK = 3  # words: months since expiry, place of the letter, then none yet
LONGEST_PAN = 19
EXPIRED_MONTHS = 36
UNKNOWN_PREFIX = "99"
STAND_INS = range(10_000)


class Defect(StrEnum):
    """What is wrong with a card."""

    LUHN = "luhn"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    EXPIRED = "expired"
    CVV_LENGTH = "cvv_length"
    NON_DIGIT = "non_digit"
    UNKNOWN_SCHEME = "unknown_scheme"


def spoil(spec: RangeSpec, *, cards: Cards, defect: Defect, month: int, stand_in: int) -> Cards:
    """Give good cards of this range one defect, the same at every call.

    * luhn: the check digit (ISO/IEC 7812-1) plus 5
    * too_short: without check digit, and without what then happens to be one
    * too_long: one digit more, which is no check digit
    * expired: 1 to 36 months before `month`
    * cvv_length: without its last digit
    * non_digit: a letter like it in place of one digit after the IIN
    * unknown_scheme: 99, then `stand_in` with four digits, in place of the first six digits

    :param month: the one that counts as now, as year * 12 + month - 1
    :param stand_in: a number that no other range has, 0 to 9999
    :raises ValueError: if the range cannot have this defect (`require_possible` says which)
    """
    require_possible(spec, defect=defect, stand_in=stand_in)
    if defect is Defect.EXPIRED:
        return replace(cards, expiry_months=_past_months(spec, slots=cards.slots, month=month))
    if defect is Defect.CVV_LENGTH:
        return replace(cards, cvvs=column(rows(cards.cvvs)[:, :-1]))
    pans = _spoiled(spec, pans=cards.pans, slots=cards.slots, defect=defect, stand_in=stand_in)
    return replace(cards, pans=pans)


def require_possible(spec: RangeSpec, *, defect: Defect, stand_in: int) -> None:
    """Refuse a defect that the range cannot have.

    :raises ValueError: for too_long with 19 digits, the most ISO/IEC 7812-1 has; for
        unknown_scheme with a stand-in outside 0 to 9999 or a range that is under 99 itself
    """
    if defect is Defect.TOO_LONG and spec.pan_length >= LONGEST_PAN:
        raise ValueError("a PAN of 19 digits cannot be made longer")
    if defect is Defect.UNKNOWN_SCHEME:
        if stand_in not in STAND_INS:
            raise ValueError("the stand-in number must be 0 to 9999")
        if spec.iin.startswith(UNKNOWN_PREFIX):
            raise ValueError("a range under 99 has no scheme to begin with")


def _spoiled(
    spec: RangeSpec,
    *,
    pans: NDArray[np.bytes_],
    slots: NDArray[np.int64],
    defect: Defect,
    stand_in: int,
) -> NDArray[np.bytes_]:
    """Spoil good PANs; the defects of other fields leave them alone."""
    match defect:
        case Defect.LUHN:
            return wrong_pans.wrong_check(pans)
        case Defect.TOO_SHORT:
            return wrong_pans.shorter(pans, iin_digits=len(spec.iin))
        case Defect.TOO_LONG:
            return wrong_pans.longer(pans)
        case Defect.NON_DIGIT:
            return wrong_pans.with_letter(pans, places=_letter_places(spec, slots=slots))
        case Defect.UNKNOWN_SCHEME:
            return wrong_pans.under_iin(pans, iin=f"{UNKNOWN_PREFIX}{stand_in:04d}")
    return pans


def _past_months(spec: RangeSpec, *, slots: NDArray[np.int64], month: int) -> NDArray[np.int32]:
    if not EXPIRED_MONTHS <= month < LAST_MONTH:
        raise ValueError("the month must be within the years 3 to 9999")
    words = field_block(spec, slots=slots, number=DEFECTS_BLOCK)[:, 0]
    return (month - 1 - choose(words, EXPIRED_MONTHS)).astype(np.int32)


def _letter_places(spec: RangeSpec, *, slots: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose a place after the IIN, by which the scheme must still be known."""
    words = field_block(spec, slots=slots, number=DEFECTS_BLOCK)[:, 1]
    return choose(words, spec.pan_length - len(spec.iin)) + len(spec.iin)
