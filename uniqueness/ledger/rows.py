"""Layers 1 and 2: the ledger, written by binary COPY and read in blocks of binary values.

Within one issuer range PAN and CVV lengths are fixed, so every row of a block has the same size and
a block is one NumPy array: no per-row Python in either direction.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg.errors import UniqueViolation

from generation import recipes
from generation.kernel.mint import Cards
from generation.models import IssuerRange
from generation.months import last_days, month_numbers
from generation.recipes import OTHER_NUMBER, Recipe, Shape
from toolkit.database import EPOCH, copy_in, read_binary
from uniqueness import bloom, locks
from uniqueness.errors import DuplicateRefused, LedgerDamaged, ReservationLost
from uniqueness.sharding import is_distributed
from uniqueness.slots import Span, claimed_slots, excluded_among, excluded_slots

logger = logging.getLogger(__name__)

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"
_COLUMNS = ("slot", "pan", "expiry", "cvv")
_COPY_IN = "COPY uniqueness_ledger (slot, pan, expiry, cvv) FROM STDIN (FORMAT BINARY)"
_MOST_HOLES = 1_000
_ACCOUNT = """
    UPDATE uniqueness_reservation SET issued = issued + %(cards)s,
        holes = CASE WHEN cardinality(holes) + cardinality(%(holes)s::bigint[]) <= %(most)s
            THEN holes || %(holes)s::bigint[] END
    WHERE owner = %(owner)s AND state = 'held' AND span @> int8range(%(first)s, %(end)s)
"""
# One value for each column of the whole span: a driver's per-row work costs more than all of
# PostgreSQL's here. The rows of a span lie on few pages, but in the order of their PANs. Two halves
# have the server collect the places first (a bitmap) and visit each page once; asked for the whole,
# it would go through the index and visit a page for each row.
_READ = """
    SELECT string_agg(int8send(slot), ''), textsend(string_agg({number}, '')),
        string_agg(date_send(expiry), ''), textsend(string_agg(cvv, '')),
        array_agg(slot) FILTER (WHERE octet_length({number}) <> {pan} OR octet_length(cvv) <> {cvv})
    FROM uniqueness_ledger
    WHERE (slot >= %(first)s AND slot < %(middle)s OR slot >= %(middle)s AND slot < %(end)s) AND
"""
# Cards of others may lie between, and have other lengths.
_ONLY = "slot = ANY(%(slots)s)"
_BUT = "slot <> ALL(%(slots)s)"


def record(*, issuer_range: IssuerRange, cards: Cards, owner: UUID, recipe: Recipe) -> int:
    """Write the cards that are not excluded, inside the caller's transaction; return how many.

    Sorted by PAN, so that the unique PAN index is touched in order. All must lie in one span that
    the owner holds: its row counts them, which fences an owner that has been given up.

    :param recipe: what the cards were made by
    :raises DuplicateRefused: if a unique index refuses; the transaction must be rolled back
    :raises ReservationLost: if the owner does not hold the slots; likewise
    """
    locks.share_exclusions()
    span = _span_of(issuer_range, cards)
    asked = cards.slots
    cards = _without_excluded(span, cards, first_slot=issuer_range.first_slot, recipe=recipe)
    holes = _left_out(asked, cards, first_slot=issuer_range.first_slot)
    # The quick sort reads PANs as numbers, which those of some negative cards are not.
    disfigured = recipe.defect in OTHER_NUMBER
    cards = cards.take(np.argsort(cards.pans)) if disfigured else cards.sorted_by_pan()
    write(issuer_range=issuer_range, cards=cards)
    _account(span, owner=owner, cards=len(cards), holes=None if disfigured else holes)
    return len(cards)


def write(*, issuer_range: IssuerRange, cards: Cards) -> None:
    """COPY cards as they stand into the ledger; only `record` and claims may call this.

    :raises DuplicateRefused: if a unique index refuses; the transaction must be rolled back
    """
    blocks = [
        _rows(same, packed_slots=same.slots + issuer_range.first_slot).tobytes()
        for same in _by_width(cards)
    ]
    bloom.before_record(cards.slots + issuer_range.first_slot)
    try:
        copy_in(_COPY_IN, b"".join([_COPY_HEADER, *blocks, _COPY_TRAILER]))
    except UniqueViolation:
        raise DuplicateRefused(range_name=issuer_range.name) from None


def read(
    *, issuer_range: IssuerRange, recipe: Recipe, span: Span, only: list[int] | None = None
) -> Cards:
    """Read the issued cards of a span in slot order.

    :param recipe: what they were made by
    :param only: the packed slots wanted; without it, all but those that were claimed by hand
    :raises LedgerDamaged: if rows have not the length that the range's cards have; names them
    """
    shape = recipes.shape(issuer_range=issuer_range, recipe=recipe)
    values = {
        "first": span.first,
        "middle": span.first + len(span) // 2,
        "end": span.end,
        "slots": claimed_slots(span, sequential=recipe.sequential) if only is None else only,
    }
    statement = _reading(shape) + (_BUT if only is None else _ONLY)
    ((*columns, damaged),) = read_binary(statement, values)
    if damaged:
        raise LedgerDamaged(sorted(damaged))
    return _cards(columns, shape=shape, first_slot=issuer_range.first_slot)


def _reading(shape: Shape) -> str:
    number = f"rpad(pan, {shape.pan_length})" if shape.padded else "pan"
    if is_distributed():
        number = f"({number} || '')"  # a shard's node would forget that it is no varchar any more
    return _READ.format(number=number, pan=shape.pan_length, cvv=shape.cvv_length)


def _cards(columns: list[bytes | None], *, shape: Shape, first_slot: int) -> Cards:
    """Put the values of columns, as PostgreSQL sends them, in the order of the slots."""
    forms = _values_type(shape.pan_length, shape.cvv_length)
    slots, pans, days, cvvs = (
        np.frombuffer(column or b"", dtype=forms[name])
        for name, column in zip(_COLUMNS, columns, strict=True)
    )
    cards = Cards(
        slots=slots.astype(np.int64) - first_slot,
        pans=np.char.rstrip(pans) if shape.padded else pans,
        expiry_months=month_numbers(EPOCH + days.astype(np.int64)),
        cvvs=cvvs,
    )
    return cards.take(np.argsort(cards.slots))


def _account(span: Span, *, owner: UUID, cards: int, holes: list[int] | None) -> None:
    """Count the cards where the owner holds their span, and name the slots without one.

    :param holes: None if the numbers of the cards are not those of their slots
    """
    values: dict[str, Any] = {
        "owner": owner,
        "first": span.first,
        "end": span.end,
        "cards": cards,
        "holes": holes,
        "most": _MOST_HOLES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, values)
        if cursor.rowcount != 1:
            raise ReservationLost


def count(span: Span) -> int:
    """Count the issued cards of a span."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM uniqueness_ledger WHERE slot >= %s AND slot < %s",
            [span.first, span.end],
        )
        return int(cursor.fetchone()[0])


def _by_width(cards: Cards) -> Iterator[Cards]:
    """Part cards by the length of their PANs; nearly always all have the same."""
    last = np.ascontiguousarray(cards.pans).view(np.uint8).reshape(-1, cards.pans.itemsize)[:, -1]
    if last.all():
        yield cards
        return
    lengths = np.char.str_len(cards.pans)
    for length in np.unique(lengths):
        same = cards.take(lengths == length)
        yield replace(same, pans=same.pans.astype(f"S{length}"))


def _span_of(issuer_range: IssuerRange, cards: Cards) -> Span:
    first, last = int(cards.slots.min()), int(cards.slots.max())
    return Span(issuer_range.first_slot + first, issuer_range.first_slot + last + 1)


def _without_excluded(span: Span, cards: Cards, *, first_slot: int, recipe: Recipe) -> Cards:
    """Leave out excluded slots, and excluded numbers where a defect gives other ones."""
    excluded = excluded_slots(span, sequential=recipe.sequential)
    if excluded:
        cards = cards.take(~np.isin(cards.slots + first_slot, excluded))
    if recipe.defect in OTHER_NUMBER and len(cards):
        numbers = excluded_among(cards.pans)
        cards = cards.take(~np.isin(cards.pans, numbers)) if numbers.size else cards
    return cards


def _left_out(asked: NDArray[np.int64], cards: Cards, *, first_slot: int) -> list[int]:
    """List the packed slots that got no card: nearly always none, which costs nothing to find."""
    if len(cards) == asked.size:
        return []
    left_out: list[int] = (np.setdiff1d(asked, cards.slots) + first_slot).tolist()
    return left_out


def _values_type(pan_length: int, cvv_length: int) -> np.dtype[np.void]:
    """The values of one row in PostgreSQL's binary form, in the order of the columns."""
    forms = (">i8", f"S{pan_length}", ">i4", f"S{cvv_length}")
    return np.dtype(list(zip(_COLUMNS, forms, strict=True)))


def _row_type(pan_length: int, cvv_length: int) -> np.dtype[np.void]:
    """One row of binary COPY: the number of fields, then length and value of each."""
    values = _values_type(pan_length, cvv_length)
    fields = chain.from_iterable(
        ((f"{name}_length", ">i4"), (name, values[name])) for name in _COLUMNS
    )
    return np.dtype([("fields", ">i2"), *fields])


def _rows(cards: Cards, *, packed_slots: NDArray[np.int64]) -> NDArray[np.void]:
    dtype = _row_type(cards.pans.itemsize, cards.cvvs.itemsize)
    rows = np.empty(len(cards), dtype=dtype)
    days = (last_days(cards.expiry_months) - EPOCH).astype(np.int64)
    columns = (packed_slots, cards.pans, days, cards.cvvs)
    rows["fields"] = len(_COLUMNS)
    for name, values in zip(_COLUMNS, columns, strict=True):
        rows[f"{name}_length"] = dtype[name].itemsize
        rows[name] = values
    return rows
