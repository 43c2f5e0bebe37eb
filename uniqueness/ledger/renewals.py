"""Renewed cards, kept beside the ledger: composite unique (slot, PSN)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max

from uniqueness.models import Card, Renewal
from uniqueness.sharding import is_distributed

_LOCK = "SELECT slot FROM uniqueness_ledger WHERE pan = ANY(%s) ORDER BY slot FOR NO KEY UPDATE"
# A distributed ledger locks rows of one shard in a statement.
_FIND = "SELECT pan FROM uniqueness_ledger WHERE pan = ANY(%s) ORDER BY slot"
_LOCK_ONE = "SELECT slot FROM uniqueness_ledger WHERE pan = %s FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewable:
    """An issued card with the PAN sequence number its next renewal gets."""

    slot: int
    pan: str
    next_psn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What a renewal changed: the PAN sequence number, the last day of its month, the CVV."""

    psn: int
    expiry: date
    cvv: str


def lock_issued(numbers: list[str]) -> list[Renewable]:
    """Lock the issued cards among `numbers` until the transaction ends; in slot order.

    Slot order is everybody's order, so two renewals of the same cards cannot deadlock.
    """
    slots = _lock_one_by_one(numbers) if is_distributed() else _values(_LOCK, numbers)
    last = Renewal.objects.filter(slot__in=slots).values_list("slot").annotate(Max("psn"))
    known = dict(last)
    return [
        Renewable(slot=card.slot, pan=card.pan, next_psn=known.get(card.slot, 0) + 1)
        for card in Card.objects.filter(slot__in=slots).order_by("slot")
    ]


def _lock_one_by_one(numbers: list[str]) -> list[int]:
    found = _values(_FIND, numbers)
    return [slot for pan in found for slot in _values(_LOCK_ONE, pan)]


def _values(statement: str, asked: list[str] | str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [asked])
        return [value for (value,) in cursor.fetchall()]


def renewals_of(slot: int) -> list[Renewed]:
    """Return the renewals of the card at a packed slot, the first one first."""
    rows = Renewal.objects.filter(slot=slot).order_by("psn").values_list("psn", "expiry", "cvv")
    return [Renewed(psn=psn, expiry=expiry, cvv=cvv) for psn, expiry, cvv in rows]


def keep(*, slot: int, psn: int, expiry: date, cvv: str) -> None:
    """Record a renewal; the unique constraint refuses a second one of the same number."""
    Renewal.objects.create(slot=slot, psn=psn, expiry=expiry, cvv=cvv)
