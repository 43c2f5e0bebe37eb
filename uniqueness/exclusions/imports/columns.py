"""Names of columns: which one has the numbers, which tell cards of the same number apart."""

import re
from collections.abc import Sequence

COLUMNS = ("pan", "card_number", "number")
"""Names of the numbers' column, the best first: `number` can be any number."""

_SIGNS = re.compile(r"[\W_]+")
_KNOWN = [name.replace("_", "") for name in COLUMNS]
_DETAIL = re.compile(r"(card)?(exp(iry|iration|ires)?(date|month|year)?|validthru|cv[vc]2?|csc)")


def bare(name: str) -> str:
    """Write a column's name in small letters, without signs."""
    return _SIGNS.sub("", name.casefold())


def number_columns(names: Sequence[str]) -> list[int]:
    """Return the columns whose names say that card numbers stand there, the best first."""
    given = list(map(bare, names))
    return [place for known in _KNOWN for place, name in enumerate(given) if name == known]


def detail_columns(names: Sequence[str]) -> tuple[int, ...]:
    """Return the columns whose names say that an expiry date or a CVV stands there."""
    return tuple(place for place, name in enumerate(names) if _DETAIL.fullmatch(bare(name)))
