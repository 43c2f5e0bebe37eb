"""Re-mint issued cards and compare: anyone can check that the ledger says what the keys say."""

from dataclasses import dataclass

import numpy as np

from generation import recipes
from generation.models import IssuerRange
from generation.recipes import Recipe
from uniqueness import ledger
from uniqueness.errors import LedgerDamaged
from uniqueness.slots import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What re-minting a span found: rows read, and the packed slots whose row differs."""

    rows: int
    differing: list[int]


def compare(
    *, issuer_range: IssuerRange, span: Span, recipe: Recipe, only: list[int] | None = None
) -> Comparison:
    """Re-mint the issued cards of the span and compare PAN, expiry and CVV.

    :param only: the packed slots to look at; without it, all but those claimed by hand
    """
    try:
        stored = ledger.read(issuer_range=issuer_range, recipe=recipe, span=span, only=only)
    except LedgerDamaged as damage:
        return Comparison(rows=ledger.count(span), differing=damage.slots)
    minted = recipes.make(issuer_range=issuer_range, slots=stored.slots, recipe=recipe)
    differs = (
        (stored.pans != minted.pans)
        | (stored.expiry_months != minted.expiry_months)
        | (stored.cvvs != minted.cvvs)
    )
    slots = stored.slots[np.flatnonzero(differs)] + issuer_range.first_slot
    return Comparison(rows=len(stored), differing=slots.tolist())
