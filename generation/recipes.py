"""How the cards of an order are made: a profile of fields, and for negative cards what is wrong."""

from dataclasses import dataclass

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from generation import ranges
from generation.kernel import mint as kernel
from generation.kernel.defects import Defect, require_possible, spoil
from generation.kernel.details import PLAIN, Details
from generation.kernel.mint import Cards
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from toolkit.refusals import Refusal

OTHER_NUMBER = frozenset(Defect) - {Defect.EXPIRED, Defect.CVV_LENGTH}
"""Defects that give the card another number than the good card of its slot."""


class DefectImpossible(Refusal):
    """Cards of that range cannot have that defect."""

    code = "defect_impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a job's cards are made from besides slots; `month` is the one that counts as now.

    `sequential` must be true for slots of sequential windows, and for no others.
    """

    profile: Profile
    month: int
    details: Details = PLAIN
    defect: Defect | None = None
    sequential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How wide PANs and CVVs are; `padded` if some PANs are shorter than the others."""

    pan_length: int
    cvv_length: int
    padded: bool = False


def make(*, issuer_range: IssuerRange, slots: NDArray[np.int64], recipe: Recipe) -> Cards:
    """Make the cards of the slots: a pure function of range, slots and recipe.

    :raises MasterKeyMismatch: if the range was registered under another master key
    """
    spec = ranges.spec(issuer_range)
    cards = kernel.mint(spec, slots=slots, profile=recipe.profile, sequential=recipe.sequential)
    if recipe.defect is None:
        return cards
    return spoil(
        spec, cards=cards, defect=recipe.defect, month=recipe.month, stand_in=issuer_range.pk
    )


def shape(*, issuer_range: IssuerRange, recipe: Recipe) -> Shape:
    """Tell how the recipe's cards stand in the ledger."""
    spec = ranges.spec(issuer_range)
    more = {Defect.TOO_LONG: 1, Defect.TOO_SHORT: -1}
    return Shape(
        pan_length=spec.pan_length + (more.get(recipe.defect, 0) if recipe.defect else 0),
        cvv_length=spec.cvv_length - (recipe.defect is Defect.CVV_LENGTH),
        padded=recipe.defect is Defect.TOO_SHORT,
    )


def check_defect(*, issuer_range: IssuerRange, defect: Defect) -> None:
    """Let only defects through that the range's cards can have.

    :raises DefectImpossible: says why not
    """
    if defect is Defect.TOO_SHORT and _siblings(issuer_range).exists():
        raise DefectImpossible(
            f"Range {issuer_range.name} cannot make {defect} cards: another range has the same"
            " prefix and another length, so a number cut short could come from either.",
            range=issuer_range.name,
        )
    try:
        require_possible(ranges.spec(issuer_range), defect=defect, stand_in=issuer_range.pk)
    except ValueError as error:
        raise DefectImpossible(
            f"Range {issuer_range.name} cannot make {defect} cards: {error}.",
            range=issuer_range.name,
        ) from None


def _siblings(issuer_range: IssuerRange) -> QuerySet[IssuerRange]:
    """Ranges of other PAN lengths whose numbers may begin like this one's."""
    others = IssuerRange.objects.exclude(pan_length=issuer_range.pan_length)
    return others.filter(Q(iin__startswith=issuer_range.iin) | Q(iin=issuer_range.iin[:6]))
