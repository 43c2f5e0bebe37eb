"""Cards written into the ledger in blocks: ours (binary COPY) against the usual ways from Python.

All write the same kind of rows into the same table with the same indexes, a block a transaction, in
turns; each block is new. Minting is not in the time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from django.db import connection, transaction

from bench.row import Row
from bench.timing import seconds
from generation.kernel.mint import Cards, mint, span
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.months import last_days
from generation.ranges import spec
from uniqueness import ledger
from uniqueness.models import Card

_BLOCK = 5_000
_BLOCKS = 6
_PROFILE = Profile(first_month=2030 * 12, months=36)
_INSERT = "INSERT INTO uniqueness_ledger (slot, pan, expiry, cvv) VALUES (%s, %s, %s, %s)"
_AIMS = {"bulk_create": 2.0, "executemany": 2.0}
Write = Callable[[IssuerRange, Cards], None]


def measure() -> Iterator[Row]:
    """Write a block by each way, again and again."""
    issuer_range = IssuerRange.objects.filter(scheme="mastercard", pan_length=16)[0]
    ways: dict[str, Write] = {"ours": _ours, "bulk_create": _created, "executemany": _inserted}
    found: dict[str, list[float]] = defaultdict(list)
    for turn, (name, write) in enumerate(list(ways.items()) * _BLOCKS):
        slots = span(issuer_range.capacity - (turn + 1) * _BLOCK, _BLOCK)  # that nobody reaches
        cards = mint(spec(issuer_range), slots=slots, profile=_PROFILE).sorted_by_pan()
        found[name].append(_BLOCK / seconds(partial(write, issuer_range, cards)))
    warm = {name: rates[1:] for name, rates in found.items()}
    yield from (_row(name, warm) for name in _AIMS)


@transaction.atomic
def _ours(issuer_range: IssuerRange, cards: Cards) -> None:
    ledger.write(issuer_range=issuer_range, cards=cards)


@transaction.atomic
def _created(issuer_range: IssuerRange, cards: Cards) -> None:
    rows = _values(issuer_range, cards)
    Card.objects.bulk_create(
        Card(slot=slot, pan=pan, expiry=expiry, cvv=cvv) for slot, pan, expiry, cvv in rows
    )


@transaction.atomic
def _inserted(issuer_range: IssuerRange, cards: Cards) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, _values(issuer_range, cards))


def _values(issuer_range: IssuerRange, cards: Cards) -> list[tuple[int, str, date, str]]:
    columns = (
        (cards.slots + issuer_range.first_slot).tolist(),
        cards.pans.astype(str).tolist(),
        last_days(cards.expiry_months).tolist(),
        cards.cvvs.astype(str).tolist(),
    )
    return list(zip(*columns, strict=True))


def _row(name: str, found: dict[str, list[float]]) -> Row:
    return Row(
        key=f"rows/{name}",
        name=f"{_BLOCK:,} cards written to the ledger",
        unit="cards a second",
        ours=found["ours"],
        theirs=found[name],
        against=name,
        aim=_AIMS[name],
    )
