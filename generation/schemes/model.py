"""What a scheme is: its names, its security code, and its prefixes with lengths and Luhn rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

PREFIX_DIGITS = 8
"""No prefix in the catalogue is longer than an IIN of ISO/IEC 7812-1:2017."""


class Luhn(StrEnum):
    """Whether the numbers of a range must end in their Luhn check digit."""

    REQUIRED = "required"
    USUAL = "usual"
    NOT_REQUIRED = "not_required"
    BY_RANGE = "by_range"


class RangeRole(StrEnum):
    """What a range may decide, strongest first (docs/cards-schemes.md)."""

    OWN = "own"
    ENDED = "ended"
    SHARED = "shared"


@dataclass(frozen=True, kw_only=True)  # no slots: detection asks for its bounds a million times
class SchemeRange:
    """Prefixes `first` to `last` of a scheme, both of the same number of digits (at most 8)."""

    scheme: str
    first: str
    last: str
    pan_lengths: tuple[int, ...]
    luhn: Luhn
    role: RangeRole
    source: str
    note: str

    @cached_property
    def lowest(self) -> int:
        """The lowest 8-digit prefix, as a number."""
        return int(self.first.ljust(PREFIX_DIGITS, "0"))

    @cached_property
    def highest(self) -> int:
        """The highest 8-digit prefix, as a number."""
        return int(self.last.ljust(PREFIX_DIGITS, "9"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One card network; codes and facts are those of `data/schemes.csv`.

    `cvv_length` is what a minted card carries, 3 or 4. `printed_cvv_length` is what the scheme
    itself prints: 0 for none, None if no source says.
    """

    code: str
    name: str
    cvv_name: str
    cvv_length: int
    printed_cvv_length: int | None
    status: str
    status_detail: str
    sourced_groupings: Mapping[int, tuple[str, ...]]
    ranges: tuple[SchemeRange, ...]

    @property
    def pan_lengths(self) -> tuple[int, ...]:
        """Every PAN length of the scheme, ascending."""
        return tuple(sorted({length for span in self.ranges for length in span.pan_lengths}))

    @property
    def luhn(self) -> Luhn:
        """The rule of all its ranges, or `by_range` where they differ."""
        rules = {span.luhn for span in self.ranges}
        return rules.pop() if len(rules) == 1 else Luhn.BY_RANGE

    def grouping(self, length: int) -> str:
        """How a number of `length` digits is embossed: `4-6-5`, or blocks of four if not known."""
        return self.groupings(length)[0]

    def groupings(self, length: int) -> tuple[str, ...]:
        """List every usual way to write a number of `length` digits, the embossed one first."""
        return self.sourced_groupings.get(length) or (in_fours(length),)


def in_fours(length: int) -> str:
    """Blocks of four, the rest last: `4-4-4-4-3` for 19."""
    fours, rest = divmod(length, 4)
    return "-".join(["4"] * fours + [str(rest)] * bool(rest))
