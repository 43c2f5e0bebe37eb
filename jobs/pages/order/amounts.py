"""Numbers as people write them: 1,000, 1.000, 1e6, 1 million."""

import re
from decimal import Decimal

_GROUPED = re.compile(r"[0-9]{1,3}(?:([ ,._'\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_PLAIN = re.compile(r"[0-9]+")
_POWER = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?(e[0-9]{1,2}|[a-z]+)")
_UNITS = {
    **dict.fromkeys(("k", "thousand"), Decimal(1_000)),
    **dict.fromkeys(("m", "mio", "million", "millions"), Decimal(1_000_000)),
}
_LONGEST = 30


def amount(typed: str) -> int | None:
    """Return the whole number that was meant, None if that is not clear: 1.5 is neither 1 nor 15.

    `1.000` is a thousand, as much of Europe writes it: no half card can be ordered.
    """
    text = typed.strip().lower()
    if (not text.isascii() and not _GROUPED.fullmatch(text)) or len(text) > _LONGEST:
        return None
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return int(re.sub("[^0-9]", "", text))
    power = _POWER.fullmatch(text)
    return _scaled(*power.groups()) if power else None


def _scaled(digits: str, unit: str) -> int | None:
    """Multiply; None for an unknown unit, or where a part of one is left."""
    factor = Decimal(10) ** int(unit[1:]) if re.fullmatch("e[0-9]+", unit) else _UNITS.get(unit)
    if factor is None:
        return None
    found = Decimal(digits.replace(",", ".")) * factor
    return int(found) if found == int(found) else None
