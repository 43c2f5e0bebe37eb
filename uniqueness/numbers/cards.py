"""What a card number in a text is: 12 to 19 digits, a scheme, a check digit, and not a date.

One rule for labels, names, sources and reasons, for all that is kept and shown.
"""

import re

import numpy as np

from toolkit.signs import plain
from uniqueness.numbers.features import Flags, Pans, are_dates, end_in_check_digit, have_scheme
from uniqueness.numbers.shapes import LONGEST, SHORTEST, find

_BETWEEN = re.compile(r"[\s._/-]+")


def are_cards(pans: Pans) -> Flags:
    """Tell which numbers are card numbers, if nothing is known of where they stand."""
    found: Flags = have_scheme(pans) & end_in_check_digit(pans) & ~are_dates(pans)
    return found


def is_card(digits: str) -> bool:
    """Tell whether ASCII digits are a card number."""
    fits = SHORTEST <= len(digits) <= LONGEST
    return fits and bool(are_cards(np.array([digits], dtype=f"S{LONGEST}"))[0])


def holds_card_number(text: str) -> bool:
    """Tell whether a card number stands in a text, in whatever groups."""
    ascii_text = _BETWEEN.sub(" ", plain(text)).encode("ascii", "replace")
    return bool(are_cards(find(ascii_text, first=0, end=len(ascii_text)).pans).any())
