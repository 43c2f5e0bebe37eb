"""Full card records minted in one process, against two generators that people use.

A record of ours is everything a payment form asks for: PAN with check digit, expiry, CVV and name.
Faker's is the number alone; idsmith's (Rust) has number, expiry and CVV. Neither promises that a
number does not come twice; ours is checked for that on the way, inside the time measured.
"""

import time
from collections.abc import Callable, Iterator

import idsmith
import numpy as np
from faker import Faker

from bench.table import Row
from generation.kernel.derived import cardholder_names
from generation.kernel.keys import derive
from generation.kernel.mint import mint, span
from generation.kernel.spec import Profile, RangeSpec

_KEY = bytes(range(32))
_CHUNK = 50_000
_SECONDS = 2.0
_PROFILE = Profile(first_month=2030 * 12, months=36)


def measure() -> Iterator[Row]:
    """Time ours and theirs for about two seconds each, in turns."""
    spec = RangeSpec(iin="400000", pan_length=16, keys=derive(_KEY, iin="400000", pan_length=16))
    slots = iter(range(0, spec.capacity, _CHUNK))
    faker = Faker()
    ours = _rate(lambda: _ours(spec, first=next(slots)), records=_CHUNK)
    theirs = {
        "Faker credit_card_number": (_rate(faker.credit_card_number, records=1), 20.0),
        "idsmith CreditCard.generate": (_rate(idsmith.CreditCard.generate, records=1), 2.0),
    }
    for name, (rate, aim) in theirs.items():
        yield Row(
            name="full card records minted, one process",
            against=name,
            unit="records per second",
            ours=ours,
            theirs=rate,
            aim=aim,
        )


def _ours(spec: RangeSpec, *, first: int) -> None:
    cards = mint(spec, slots=span(first, _CHUNK), profile=_PROFILE)
    names = cardholder_names(spec, slots=cards.slots, profile=_PROFILE)
    if np.unique(cards.pans).size != names.size:
        raise SystemExit("a number was minted twice")


def _rate(action: Callable[[], object], *, records: int) -> float:
    done, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < _SECONDS:
        action()
        done += records
    return done / passed
