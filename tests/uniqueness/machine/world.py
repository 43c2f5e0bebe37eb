"""The real side: ranges, numbers, orders, and what can go wrong with leases, caches and filters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.contrib.auth.models import User
from django.db import connection, transaction

from generation import ranges
from generation.kernel import mint
from generation.kernel.defects import Defect
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from jobs.orders import ItemOrder, Order, at_once
from tests.support.fixtures import FIRST_MONTH, register
from tests.support.keys import make_user
from toolkit.valkey.connections import client
from uniqueness import bloom
from uniqueness.bloom import filters, store
from uniqueness.bloom.filters import Shelf
from uniqueness.cache import answers
from uniqueness.models import Card, Pool
from uniqueness.pool.stock import Stocks

_PROFILE = Profile(first_month=FIRST_MONTH, months=1)
_OVERDUE = """
    UPDATE jobs_chunk SET lease_until = lease_until - interval '1 day' WHERE state = 'running';
    UPDATE jobs_chunk SET not_before = not_before - interval '1 day' WHERE state = 'waiting';
"""
_FORGOTTEN = """
    UPDATE uniqueness_reservation SET expires_at = now() - interval '1 day' WHERE state = 'held'
"""
KINDS = ("random", "random", "sequential", "distinct", *Defect)


@dataclass(frozen=True, slots=True)
class World:
    """Who asks, and where: `small` has 1,000 numbers and gets full, `big` has ten windows."""

    tester: User
    root: User
    small: IssuerRange
    big: IssuerRange

    @property
    def ranges(self) -> tuple[IssuerRange, IssuerRange]:
        """All ranges there are."""
        return self.small, self.big


def create() -> World:
    """Set the world up; its numbers begin like no other range's."""
    return World(
        tester=make_user("tester"),
        root=User.objects.create_superuser("root"),
        small=register(iin="45123401", pan_length=12),
        big=register(iin="45123402", pan_length=16),
    )


@contextmanager
def rolled_back() -> Iterator[None]:
    """Take back everything done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def order(kind: str, *, counts: dict[str, int]) -> Order:
    """An order of so many cards by the ranges' names."""
    items = tuple(ItemOrder(range=name, count=count) for name, count in counts.items())
    return Order(
        items=items,
        first_month=FIRST_MONTH,
        months=24,
        month=FIRST_MONTH,
        defect=Defect(kind) if kind in set(Defect) else None,
        sequential=kind == "sequential",
        distinct_last_four=kind == "distinct",
    )


def cursor_of(issuer_range: IssuerRange) -> int:
    """The next slot of a range; 0 before anybody used it."""
    return Pool.objects.filter(pk=issuer_range.pk).values_list("next_slot", flat=True).first() or 0


def number(issuer_range: IssuerRange, slot: int, *, sequential: bool = False) -> str:
    """The good number of a slot, in either order of its window."""
    slots = np.array([slot % issuer_range.capacity], dtype=np.int64)
    spec = ranges.spec(issuer_range)
    pan: bytes = mint.mint(spec, slots=slots, profile=_PROFILE, sequential=sequential).pans[0]
    return pan.decode()


def make_overdue() -> None:
    """Have every lease run out and every pause end."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE)


def forget_holders() -> None:
    """Have every reservation run out."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGOTTEN)


def ledger() -> dict[str, int]:
    """All cards that are there: number -> packed slot."""
    return dict(Card.objects.values_list("pan", "slot"))


def used_windows() -> list[int]:
    """All windows that hold cards."""
    return [window.number for window in bloom.used()]


def new_process() -> None:
    """Forget what this process remembers of cache and filters, and which numbers it held."""
    at_once._stocks = Stocks()
    answers._answers.cache_clear()
    filters.shelf = Shelf()
    store.breakers._breakers.clear()


def wipe(what: str) -> None:
    """Lose the keys on the cache server that begin with `cardgen:` and this."""
    if names := list(client().scan_iter(f"cardgen:{what}*", count=1_000)):
        client().delete(*names)


def lie(what: str) -> None:
    """Have the cache server tell something else under every such key: some bits are flipped."""
    for name, value in _stored(what):
        half = len(value) // 2
        client().set(name, value[:half] + bytes(byte ^ 85 for byte in value[half:]), ex=60)


def swap() -> None:
    """Give every answer on the cache server the place of another one, whole."""
    found = _stored("card")
    for (name, _), (_, value) in zip(found, [*found[1:], *found[:1]], strict=True):
        client().set(name, value, ex=60)


def _stored(what: str) -> list[tuple[bytes, bytes]]:
    names = sorted(client().scan_iter(f"cardgen:{what}*", count=1_000))
    return [(name, value) for name in names if isinstance(value := client().get(name), bytes)]


def start_afresh() -> None:
    """An empty cache server and a process that has just begun."""
    wipe("")
    new_process()
