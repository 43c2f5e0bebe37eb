"""Which of the shapes are worth a question, and which answers are worth a line (docs/scanning.md).

Both keep false alarms low: twelve to nineteen digits are more often an identifier than a card.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation import published
from generation.kernel.luhn import is_valid
from generation.models import IssuerRange
from generation.schemes import detection, registry
from generation.schemes.model import in_fours
from uniqueness.check import State
from uniqueness.numbers import Shapes

TEST_SCHEME = "iso_test"
"""Numbers under 000000: nobody's cards, and identifiers filled up with zeros are full of them."""
_IIN_LENGTHS = (6, 8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What tells our numbers without a check digit: IINs of registered ranges, by length.

    `published` are numbers (S19) that providers publish with a wrong check digit.
    """

    iins: dict[int, NDArray[np.bytes_]]
    published: NDArray[np.bytes_]

    def worth_asking(self, shapes: Shapes) -> NDArray[np.bool_]:
        """Tell which shapes end in their check digit, or could be of our negative cards."""
        worth = shapes.luhn | np.isin(shapes.pans, self.published)
        for length, iins in self.iins.items():
            worth |= np.isin(shapes.pans.astype(f"S{length}"), iins)
        return worth


def known() -> Known:
    """Read what is registered now."""
    iins = list(IssuerRange.objects.values_list("iin", flat=True))
    wrong = {one.number for one in published.meanings() if not is_valid(one.number)}
    return Known(
        iins={
            length: np.array([iin for iin in iins if len(iin) == length], dtype=f"S{length}")
            for length in _IIN_LENGTHS
        },
        published=np.array(sorted(wrong), dtype="S19"),
    )


def worth_telling(number: str, *, state: State, luhn: bool, groups: tuple[int, ...]) -> bool:
    """Tell whether a number that was looked up is worth a line.

    :param luhn: it ends in its Luhn check digit
    :param groups: lengths of its runs of digits
    """
    if state not in (State.UNISSUED, State.UNKNOWN):
        # Published by one provider, and in every dump for other reasons.
        return state is State.ISSUED or number.strip("0") != ""
    span = detection.range_of(number)
    scheme = registry.get(span.scheme) if span else None
    usual = {str(len(number)), in_fours(len(number))}
    if scheme:
        usual.add(scheme.grouping(len(number)))
    if "-".join(map(str, groups)) not in usual:
        return False
    if state is State.UNISSUED:
        return not (scheme and scheme.code == TEST_SCHEME)
    return bool(luhn and span and span.scheme != TEST_SCHEME and len(number) in span.pan_lengths)
