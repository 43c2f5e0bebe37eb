"""Five cards as an order would make them, before it is one.

They come from a key that mints nothing, so they say nothing of a card that is or will be there; and
since another order may get the very number, the middle of each is hidden: nobody can use one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from generation import ranges
from generation.kernel.defects import spoil
from generation.kernel.derived import cardholder_names
from generation.kernel.keys import KEY_BYTES, derive
from generation.kernel.mint import mint
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.tiers import ORDER
from jobs.orders import Order

_CARDS = 5
_KEY = bytes(KEY_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A card that nobody has: its number without the middle, `MM/YY`, CVV and name."""

    pan: str
    expiry: str
    cvv: str
    name: str


def samples(order: Order) -> list[Sample]:
    """Make them in the range that the order's first line names, or the scheme's safest."""
    issuer_range = _range_of(order)
    return list(_made(issuer_range, order)) if issuer_range else []


def _range_of(order: Order) -> IssuerRange | None:
    item = order.items[0]
    if item.range:
        return ranges.registered(item.range).first()
    found = ranges.mintable().filter(scheme=item.scheme).order_by("iin")
    return min(found, key=lambda one: ORDER.index(one.tier), default=None)


def _made(issuer_range: IssuerRange, order: Order) -> Iterator[Sample]:
    keys = derive(_KEY, iin=issuer_range.iin, pan_length=issuer_range.pan_length)
    spec = replace(ranges.spec(issuer_range), keys=keys)
    profile = Profile(
        first_month=order.first_month,
        months=order.months,
        cvv=order.cvv,
        cardholder_name=order.cardholder_name,
    )
    slots = np.arange(_CARDS, dtype=np.int64)
    cards = mint(spec, slots=slots, profile=profile, sequential=order.sequential)
    if order.defect:
        month, stand_in = order.month, issuer_range.pk
        cards = spoil(spec, cards=cards, defect=order.defect, month=month, stand_in=stand_in)
    names = cardholder_names(spec, slots=slots, profile=profile)
    rows = (cards.pans.tolist(), cards.expiry_months.tolist(), cards.cvvs.tolist(), names.tolist())
    for pan, month, cvv, name in zip(*rows, strict=True):
        yield Sample(
            pan=_hidden(pan.decode()),
            expiry=f"{month % 12 + 1:02d}/{month // 12 % 100:02d}",
            cvv=cvv.decode(),
            name=name.decode(),
        )


def _hidden(pan: str) -> str:
    return pan[:6] + re.sub("[0-9]", "•", pan[6:-4]) + pan[-4:]
