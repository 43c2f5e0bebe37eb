"""What is excluded, wherever it is kept."""

from typing import NamedTuple

from uniqueness.exclusions import outside
from uniqueness.models import Exclusion, ImportedToken


class Kept(NamedTuple):
    reason: str
    source: str


def excluded() -> dict[str, Kept]:
    """Every excluded number."""
    rows = Exclusion.objects.values_list("pan", "reason", "source")
    found = {pan: Kept(reason, source) for pan, reason, source in rows}
    tokens = dict(ImportedToken.objects.values_list("token", "source"))
    numbers = zip(outside.numbers_of(tokens), tokens.values(), strict=True)
    return found | {pan: Kept("imported", source) for pan, source in numbers}


def kept(number: str) -> Kept | None:
    """What is kept of the number, nothing if it is not excluded."""
    return excluded().get(number)
