"""Numbers that this process holds for small orders, so that one card waits for no lock of a range.

A stock of Visa numbers holds slots 5,000 to 7,000. An order of three cuts off 5,000 to 5,003 in its
own transaction; they are its job's reservation then. The stock itself is a reservation of no job:
what a dead process held runs out and is free again, like all that an owner forgot. An order for the
last numbers of a range takes it away, and the process notices at its next order.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import numpy as np
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Now
from numpy.typing import NDArray

from generation.kernel.mint import Cards
from generation.models import IssuerRange, Tier
from toolkit.pipeline import Parts, Send
from uniqueness import bloom, ledger
from uniqueness.errors import DuplicateRefused, RangeExhausted
from uniqueness.locks import ABANDONED_SECONDS, Space
from uniqueness.models import Pool, Reservation
from uniqueness.pool import settlement
from uniqueness.pool.reserving import reserve
from uniqueness.slots import WINDOW, Span, excluded_slots

_LARGEST = 10_000
_SHARE = 1_000
"""A stock takes at most this part of what a range has left: one near its end has none."""
_LEAST_ORDERS = 4  # for fewer it is not worth the while
_LIFETIME = timedelta(days=1)  # from one order to the next
_PATIENCE = 1.0  # seconds; who has the lock for longer waits for the database, and not for us
_LOCKS = 64  # and not one for each name that somebody thinks of
_HOLD_OFF_IMPORTS = """
    SELECT set_config('idle_in_transaction_session_timeout', %s, true),
        pg_advisory_xact_lock_shared(%s, 0)
"""
_MAY = """
    SELECT FROM generation_issuerrange r LEFT JOIN generation_tierswitch t ON t.tier = r.tier
    WHERE r.id = %(range)s AND r.enabled AND coalesce(t.enabled, r.tier <> %(brand_shape)s)
        AND %(holes)s::bigint[] = ARRAY(SELECT slot FROM uniqueness_exclusion
            WHERE slot >= %(first)s AND slot < %(end)s ORDER BY slot)
"""
_CUT = """
    UPDATE uniqueness_reservation SET span = int8range(%(end)s, upper(span)),
        expires_at = clock_timestamp() + make_interval(secs => %(lifetime)s)
    WHERE owner = %(stock)s AND state = 'held'
        AND lower(span) = %(first)s AND upper(span) > %(end)s
        AND EXISTS (SELECT FROM may) AND {only_if}
    RETURNING issuer_range_id
"""
_PIECE = """
    INSERT INTO uniqueness_reservation
        (issuer_range_id, span, state, owner, sequential, issued, holes, purged)
    SELECT issuer_range_id, int8range(%(first)s, %(end)s), 'used', %(owner)s, false, %(issued)s,
        %(holes)s, false FROM cut
"""
_TAKE = """
    UPDATE uniqueness_reservation SET state = 'used', owner = %(owner)s, issued = %(issued)s,
        holes = %(holes)s, expires_at = NULL, stock = false
    WHERE owner = %(stock)s AND state = 'held' AND span = int8range(%(first)s, %(end)s)
        AND EXISTS (SELECT FROM may) AND {only_if}
    RETURNING issuer_range_id
"""


class StockLost(Exception):
    """What the database says of the stock is not what this process believed."""


class StockInDoubt(StockLost):
    """The database refused what no other owner should have: these numbers are left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Slots of one range that are held under `owner`; `excluded` are those of them not to mint."""

    issuer_range: IssuerRange
    owner: UUID
    span: Span
    excluded: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The beginning of a stock, about to be handed out; `holes` are its slots not to mint."""

    stock: Stock
    span: Span
    holes: list[int]

    @property
    def slots(self) -> NDArray[np.int64]:
        """The packed slots to mint, ascending."""
        return np.setdiff1d(np.arange(self.span.first, self.span.end), self.holes)

    @property
    def is_all(self) -> bool:
        """Tell whether the stock ends with it."""
        return self.span.end == self.stock.span.end

    @property
    def rest(self) -> Stock | None:
        """What the stock is without it; None if that was the last of it."""
        if self.is_all:
            return None
        left = self.stock.excluded[len(self.holes) :]
        return replace(self.stock, span=Span(self.span.end, self.stock.span.end), excluded=left)

    def hold_off(self, send: Send) -> None:
        """Send what has imports and sealers wait for this transaction, before `hand_out`."""
        send(_HOLD_OFF_IMPORTS, [f"{ABANDONED_SECONDS}s", int(Space.EXCLUSIONS)])
        bloom.hold_off_sealing(self.slots, send=send)

    def hand_out(self, parts: Parts, *, owner: UUID, cards: Cards, only_if: str = "true") -> str:
        """Add what makes the piece its new owner's, and its cards those of the ledger.

        :param only_if: another condition in SQL
        :returns: the name of the part that has one row if it was handed out, and none otherwise
        """
        stock, span = self.stock, self.span
        values = {
            "stock": stock.owner,
            "first": span.first,
            "end": span.end,
            "lifetime": _LIFETIME.total_seconds(),
            "owner": owner,
            "issued": len(span) - len(self.holes),
            "holes": self.holes,
            "range": stock.issuer_range.pk,
            "brand_shape": Tier.BRAND_SHAPE,
        }
        parts.add("may", _MAY, values)
        parts.add("cut", (_TAKE if self.is_all else _CUT).format(only_if=only_if), {})
        if not self.is_all:
            parts.add("piece", _PIECE, {})
        parts.add("unsealed", *bloom.unsealing(self.slots))
        issuer_range = stock.issuer_range
        parts.add("cards", *ledger.insertion(issuer_range=issuer_range, cards=cards, source="cut"))
        return "cut"


class Stocks:
    """What this process holds, by what was ordered. Pieces of one stock go out one by one."""

    def __init__(self) -> None:
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._held: dict[Hashable, Stock] = {}

    @contextmanager
    def piece(
        self, wanted: Hashable, *, count: int, choose: Callable[[], IssuerRange]
    ) -> Iterator[Piece | None]:
        """Give `count` numbers to the block, which commits them; None if no stock can, or not now.

        What became of a block that failed while it committed is found out by the next one: the
        stock is lost then.

        :param choose: names the range, if there is no stock of `wanted`
        """
        connection.ensure_connection()  # whoever waits for the lock must not wait for both
        lock = self._locks[hash(wanted) % _LOCKS]
        if not lock.acquire(timeout=_PATIENCE):
            yield None
            return
        try:
            piece = self._next(wanted, count=count, choose=choose)
            yield piece
            if piece is not None:
                self._keep(wanted, piece.rest)
        except (StockInDoubt, DuplicateRefused):
            self._give_up(wanted, how=settlement.finish)
            raise
        except StockLost:
            self._give_up(wanted, how=settlement.release)
            raise
        finally:
            lock.release()

    def _next(
        self, wanted: Hashable, *, count: int, choose: Callable[[], IssuerRange]
    ) -> Piece | None:
        stock = self._held.get(wanted)
        piece = _piece(stock, count=count) if stock else None
        if piece is None:
            self._give_up(wanted, how=settlement.release)
            piece = _of_new_stock(choose(), count=count)
        if piece is not None:
            self._held[wanted] = piece.stock
        return piece

    def _keep(self, wanted: Hashable, rest: Stock | None) -> None:
        if rest is None:
            del self._held[wanted]
        else:
            self._held[wanted] = rest

    def _give_up(self, wanted: Hashable, *, how: Callable[[UUID], object]) -> None:
        """Close the stock: free again, or used up if its numbers are in doubt."""
        if stock := self._held.pop(wanted, None):
            how(stock.owner)


def _piece(stock: Stock, *, count: int) -> Piece | None:
    """Find the shortest beginning with `count` usable slots, in one window; None: use another."""
    first, end = stock.span.first, stock.span.first + count
    for slot in stock.excluded:
        end += slot < end
    if end > stock.span.end or first // WINDOW != (end - 1) // WINDOW:
        return None
    holes = [slot for slot in stock.excluded if slot < end]
    return Piece(stock=stock, span=Span(first, end), holes=holes)


def _of_new_stock(issuer_range: IssuerRange, *, count: int) -> Piece | None:
    """Hold numbers for some orders like this one; None if the range is too small or too full."""
    pool = Pool.objects.filter(issuer_range=issuer_range).first()
    left = issuer_range.capacity - (pool.next_slot if pool else 0)
    size = min(_LARGEST, left // _SHARE)
    size -= size % count
    enough = size >= _LEAST_ORDERS * count
    stock = _held(issuer_range, count=size) if enough else None
    piece = _piece(stock, count=count) if stock else None
    if stock and not piece:
        settlement.release(stock.owner)
    return piece


def _held(issuer_range: IssuerRange, *, count: int) -> Stock | None:
    owner = uuid4()
    try:
        with transaction.atomic():
            span, *others = reserve(issuer_range=issuer_range, count=count, owner=owner)
            held = Reservation.objects.filter(owner=owner)
            held.update(expires_at=Now() + Value(_LIFETIME), stock=True)
    except RangeExhausted:  # excluded numbers count as left above, and others order too
        return None
    if others:
        settlement.release(owner)
        return None
    excluded = excluded_slots(span)
    return Stock(issuer_range=issuer_range, owner=owner, span=span, excluded=excluded)
