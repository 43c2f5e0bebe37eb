"""Full card records minted in one process, against generators that people use.

A record of ours is everything a payment form asks for: PAN with check digit, expiry, CVV and name.
Faker's and mimesis' is the number alone; idsmith's (Rust) has number, expiry and CVV. Only Faker's
`unique` promises that a number does not come twice, until the process ends; ours is checked for
that on the way, inside the time measured.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

import idsmith
import numpy as np
from faker import Faker
from mimesis import Payment

from bench.row import Row
from bench.timing import rate
from generation.kernel.derived import cardholder_names
from generation.kernel.keys import derive
from generation.kernel.mint import mint, span
from generation.kernel.spec import Profile, RangeSpec

_KEY = bytes(range(32))
_CHUNK = 50_000
_PROFILE = Profile(first_month=2030 * 12, months=36)
_AIMS = {
    "Faker credit_card_number": 20.0,
    "Faker unique.credit_card_number": 20.0,
    "mimesis credit_card_number": 20.0,
    "idsmith CreditCard.generate": 2.0,
}
Make = Callable[[], object]


def measure(*, rounds: int, seconds: float) -> Iterator[Row]:
    """Time ours and theirs in turns, each for so many seconds."""
    makers = {"ours": _ours(), **_theirs()}
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, make in makers.items():
            found[name].append(rate(make, each=_CHUNK if name == "ours" else 1, lasting=seconds))
    for name, aim in _AIMS.items():
        yield _row(name, found, aim=aim)


def _theirs() -> dict[str, Make]:
    return {
        "Faker credit_card_number": Faker().credit_card_number,
        "Faker unique.credit_card_number": Faker().unique.credit_card_number,
        "mimesis credit_card_number": Payment().credit_card_number,
        "idsmith CreditCard.generate": idsmith.CreditCard.generate,
    }


def _ours() -> Make:
    spec = RangeSpec(iin="400000", pan_length=16, keys=derive(_KEY, iin="400000", pan_length=16))
    slots = iter(range(0, spec.capacity, _CHUNK))
    return lambda: _block(spec, first=next(slots))


def _row(name: str, found: dict[str, list[float]], *, aim: float) -> Row:
    return Row(
        key=f"records/{name}",
        name="full card records minted, one process",
        against=name,
        unit="records a second",
        ours=found["ours"],
        theirs=found[name],
        aim=aim,
    )


def _block(spec: RangeSpec, *, first: int) -> None:
    cards = mint(spec, slots=span(first, _CHUNK), profile=_PROFILE)
    names = cardholder_names(spec, slots=cards.slots, profile=_PROFILE)
    if np.unique(cards.pans).size != names.size:
        raise SystemExit("a number was minted twice")
