"""Which of the shapes are worth a question, and which answers are worth a line (docs/scanning.md).

Both keep false alarms low: twelve to nineteen digits are more often an identifier than a card.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation import published
from generation.kernel.luhn import is_valid
from generation.models import IssuerRange
from generation.schemes import detection, registry
from generation.schemes.model import Luhn, RangeRole, SchemeRange, in_fours
from uniqueness.check import State
from uniqueness.numbers import TEST_SCHEME, Shapes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What is worth a question without a check digit.

    `prefixes`, by length, are the IINs of registered ranges, for negative cards are ours too, and
    those of schemes that need no Luhn digit. `published` are numbers (S19) that providers publish
    with a wrong one. All are sorted.
    """

    prefixes: dict[int, NDArray[np.bytes_]]
    published: NDArray[np.bytes_]

    def worth_asking(self, shapes: Shapes) -> NDArray[np.bool_]:
        """Tell which shapes end in their check digit, or could be cards without one."""
        worth = shapes.luhn | _among(shapes.pans, self.published)
        for length, prefixes in self.prefixes.items():
            worth |= _among(shapes.pans.astype(f"S{length}"), prefixes)
        return worth


def known() -> Known:
    """Read what is registered now."""
    prefixes = {*IssuerRange.objects.values_list("iin", flat=True), *_without_luhn()}
    wrong = {one.number for one in published.meanings() if not is_valid(one.number)}
    return Known(
        prefixes={
            length: np.array(sorted(one for one in prefixes if len(one) == length), f"S{length}")
            for length in {len(one) for one in prefixes}
        },
        published=np.array(sorted(wrong), dtype="S19"),
    )


def _among(texts: NDArray[np.bytes_], known: NDArray[np.bytes_]) -> NDArray[np.bool_]:
    """Tell which texts are among the known ones, which are sorted."""
    if not known.size:
        return np.zeros(texts.size, dtype=np.bool_)
    found = known[np.minimum(np.searchsorted(known, texts), known.size - 1)]
    return np.equal(found, texts)


def _without_luhn() -> Iterator[str]:
    for span in registry.ranges():
        if _needs_no_luhn(span):
            yield from map(str, range(int(span.first), int(span.last) + 1))


def _needs_no_luhn(span: SchemeRange) -> bool:
    own = span.role is RangeRole.OWN and span.scheme != TEST_SCHEME
    return own and span.luhn is Luhn.NOT_REQUIRED


def worth_telling(number: str, *, state: State, luhn: bool, groups: tuple[int, ...]) -> bool:
    """Tell whether a number that was looked up is worth a line.

    :param luhn: it ends in its Luhn check digit
    :param groups: lengths of its runs of digits
    """
    if state not in (State.UNISSUED, State.UNKNOWN):
        # Published by one provider, and in every dump for other reasons.
        return state is State.ISSUED or number.strip("0") != ""
    span = detection.range_of(number)
    if span and span.scheme == TEST_SCHEME:
        return False
    if state is State.UNKNOWN and not (span and _could_be_a_card(number, span, luhn=luhn)):
        return False
    return len(groups) == 1 or "-".join(map(str, groups)) in _usual_groupings(len(number), span)


def _could_be_a_card(number: str, span: SchemeRange, *, luhn: bool) -> bool:
    return len(number) in span.pan_lengths and (luhn or _needs_no_luhn(span))


def _usual_groupings(length: int, span: SchemeRange | None) -> set[str]:
    scheme = registry.get(span.scheme) if span else None
    return {in_fours(length), *(scheme.groupings(length) if scheme else ())}
