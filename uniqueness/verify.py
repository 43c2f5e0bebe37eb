"""Re-mint issued cards and compare: anyone can check that the ledger says what the keys say."""

from dataclasses import dataclass

import numpy as np

from generation import ranges
from generation.kernel.mint import mint
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from uniqueness import ledger
from uniqueness.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What re-minting a span found: rows read, and the packed slots whose row differs."""

    rows: int
    differing: list[int]


def compare(*, issuer_range: IssuerRange, span: Span, profile: Profile) -> Comparison:
    """Re-mint every issued card of the span and compare PAN, expiry and CVV."""
    spec = ranges.spec(issuer_range)
    stored = ledger.read(issuer_range=issuer_range, spec=spec, span=span)
    minted = mint(spec, slots=stored.slots, profile=profile)
    differs = (
        (stored.pans != minted.pans)
        | (stored.expiry_months != minted.expiry_months)
        | (stored.cvvs != minted.cvvs)
    )
    slots = stored.slots[np.flatnonzero(differs)] + issuer_range.first_slot
    return Comparison(rows=len(stored), differing=slots.tolist())
