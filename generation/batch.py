"""A batch of cards: what all their fields are made from, each made once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from generation.kernel import details as kernel
from generation.kernel import pins, verification
from generation.kernel.derived import cardholder_names
from generation.kernel.issuer_keys import IssuerKeys, derive_issuer_keys
from generation.kernel.mint import Cards
from generation.kernel.spec import RangeSpec
from generation.models import IssuerRange
from generation.ranges import spec
from generation.recipes import Recipe
from generation.schemes import registry

_CVV_DIGITS = 3
LONG_PAN = 16  # from here on the mask shows an IIN of eight digits


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Cards of one range, and what their fields are worked out from, each at most once."""

    issuer_range: IssuerRange
    cards: Cards
    recipe: Recipe
    sequence: int = 0

    @cached_property
    def spec(self) -> RangeSpec:
        """The range as the kernel knows it."""
        return spec(self.issuer_range)

    @property
    def grouping(self) -> tuple[int, ...]:
        """How many digits stand together where the scheme prints the numbers."""
        scheme = registry.get(self.issuer_range.scheme)
        return tuple(map(int, scheme.grouping(self.cards.pans.itemsize).split("-")))

    @cached_property
    def issuer_keys(self) -> IssuerKeys:
        """The range's test issuer keys."""
        return issuer_keys(self.issuer_range)

    @cached_property
    def names(self) -> NDArray[np.bytes_]:
        """Cardholder names."""
        return cardholder_names(self.spec, slots=self.cards.slots, profile=self.recipe.profile)

    @cached_property
    def service_codes(self) -> NDArray[np.bytes_]:
        """Service codes."""
        details = self.recipe.details
        return kernel.service_codes(self.spec, slots=self.cards.slots, details=details)

    @cached_property
    def pins(self) -> NDArray[np.bytes_]:
        """PINs."""
        return kernel.pins(self.spec, slots=self.cards.slots, details=self.recipe.details)

    @cached_property
    def pvvs(self) -> NDArray[np.bytes_]:
        """PIN verification values."""
        return pins.pvvs(self.issuer_keys, pans=self.cards.pans, pins=self.pins)

    @cached_property
    def stripe_cvvs(self) -> NDArray[np.bytes_]:
        """Stripe CVVs; American Express has no public algorithm, so its stripe carries zeros."""
        if not self.has_public_cvv:
            return np.full(len(self.cards), b"000", dtype="S3")
        return verification.stripe_cvvs(
            self.issuer_keys,
            pans=self.cards.pans,
            expiry_months=self.cards.expiry_months,
            service_codes=self.service_codes,
        )

    @property
    def has_public_cvv(self) -> bool:
        """Tell whether the scheme's verification values follow the published algorithm."""
        return self.spec.cvv_length == _CVV_DIGITS


def issuer_keys(issuer_range: IssuerRange) -> IssuerKeys:
    """Derive the range's test issuer keys: an issuer simulator verifies the cards with them."""
    return derive_issuer_keys(
        settings.CARDGEN_MASTER_KEY, iin=issuer_range.iin, pan_length=issuer_range.pan_length
    )
