"""Words that are kept and shown: no card number may stand in them."""

import re

from uniqueness.scanning import shapes

_BETWEEN = re.compile(r"[\s._/\u00ad\u2010-\u2015-]+")


def hold_card_number(text: str) -> bool:
    """Tell whether 12 to 19 digits, in whatever groups, end in their Luhn check digit."""
    plain = _BETWEEN.sub(" ", text).encode("ascii", "replace")
    return bool(shapes.find(plain, first=0, end=len(plain)).luhn.any())
