"""Numbers that a process holds: handed out in order, and only while they are its own."""

from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, transaction

from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.recipes import Recipe, make
from tests.support.fixtures import register
from tests.support.slots import exclude_slots
from tests.support.threads import at_once, impatiently
from toolkit.pipeline import Parts, together
from uniqueness.bloom.sealing import Sealing, seal
from uniqueness.errors import RangeExhausted
from uniqueness.models import Pool, Reservation, WindowFilter
from uniqueness.pool import cursors, free_spans, promises, settlement, stock
from uniqueness.pool.reserving import promise, redeem, reserve
from uniqueness.pool.stock import StockLost, Stocks
from uniqueness.slots import WINDOW, Span

RECIPE = Recipe(profile=Profile(first_month=24_000, months=1), month=24_000)
HELD, USED, FREE = Reservation.State.HELD, Reservation.State.USED, Reservation.State.FREE


@pytest.fixture
def wide_range(db) -> IssuerRange:
    """A range of ten million numbers: stocks of 10,000."""
    return register(iin="99999902", pan_length=16)


def order(
    stocks: Stocks, issuer_range: IssuerRange, count: int, *, owner: UUID | None = None
) -> Span | None:
    with stocks.piece("any", count=count, choose=lambda: issuer_range) as piece:
        if piece is None:
            return None
        first = issuer_range.first_slot
        slots = piece.slots - first
        cards = make(issuer_range=issuer_range, slots=slots, recipe=RECIPE)
        parts = Parts()
        source = piece.hand_out(parts, owner=owner or uuid4(), cards=cards)
        with together() as send:
            piece.hold_off(send)
            answer = send(*parts.statement(f"SELECT FROM {source}"))
        if answer.rowcount == 0:
            raise StockLost
        return Span(piece.span.first - first, piece.span.end - first)


def rows(issuer_range: IssuerRange, state: str) -> list[tuple[int, int]]:
    found = Reservation.objects.filter(issuer_range=issuer_range, state=state).order_by("span")
    spans = [free_spans.span_of(row) for row in found]
    return [(s.first - issuer_range.first_slot, s.end - issuer_range.first_slot) for s in spans]


def test_orders_cut_the_stock_from_its_beginning(wide_range):
    stocks = Stocks()
    spans = [order(stocks, wide_range, count) for count in (1, 3, 1_000)]
    assert spans == [Span(0, 1), Span(1, 4), Span(4, 1_004)]
    assert rows(wide_range, HELD) == [(1_004, 10_000)]
    assert rows(wide_range, USED) == [(0, 1), (1, 4), (4, 1_004)]
    assert Pool.objects.get(issuer_range=wide_range).next_slot == 10_000


def test_excluded_numbers_are_stepped_over_and_named(wide_range):
    exclude_slots(wide_range, 0, 2, 3, 9)
    stocks, owner = Stocks(), uuid4()
    assert order(stocks, wide_range, 2, owner=owner) == Span(0, 5)
    used = Reservation.objects.get(owner=owner)
    first = wide_range.first_slot
    assert (used.issued, used.holes) == (2, [first, first + 2, first + 3])
    assert order(stocks, wide_range, 5) == Span(5, 11)


def test_a_number_excluded_later_is_never_handed_out(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    exclude_slots(wide_range, 2)
    assert order(stocks, wide_range, 1) == Span(1, 2)
    with pytest.raises(StockLost):
        order(stocks, wide_range, 1)
    assert order(stocks, wide_range, 1) == Span(2, 4)
    assert Reservation.objects.get(span__startswith=wide_range.first_slot + 2).issued == 1


def test_a_range_that_was_switched_off_gives_nothing(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    IssuerRange.objects.filter(pk=wide_range.pk).update(enabled=False)
    with pytest.raises(StockLost):
        order(stocks, wide_range, 1)
    assert rows(wide_range, USED) == [(0, 1)]


def test_a_block_that_fails_leaves_the_stock_as_it_was(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    with (
        pytest.raises(ValueError, match="no"),
        stocks.piece("any", count=5, choose=lambda: wide_range),
    ):
        raise ValueError("no")
    assert order(stocks, wide_range, 1) == Span(1, 2)


def test_a_stock_that_somebody_else_took_back_is_lost(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    owner = Reservation.objects.get(state=HELD).owner
    assert settlement.release(owner) == 9_999
    with pytest.raises(StockLost):
        order(stocks, wide_range, 1)
    assert rows(wide_range, USED) == [(0, 1)]


def test_what_a_dead_process_held_is_free_when_it_runs_out(wide_range):
    order(Stocks(), wide_range, 1)
    Reservation.objects.filter(state=HELD).update(expires_at="2020-01-01T00:00:00Z")
    (owner,) = settlement.holders(expired=True)
    settlement.release(owner)
    assert rows(wide_range, FREE) == [(1, 10_000)]


def test_an_order_puts_off_when_the_stock_runs_out(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    Reservation.objects.filter(state=HELD).update(expires_at="2020-01-01T00:00:00Z")
    order(stocks, wide_range, 1)
    assert settlement.holders(expired=True) == []


@pytest.mark.parametrize("count", [1, 9_999])  # a piece of it, and all that is left of it
def test_after_a_restore_no_process_goes_on_with_what_it_held(wide_range, count):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    with transaction.atomic():
        cursors.advance(wide_range, by=1, owner=uuid4())
    with pytest.raises(StockLost):
        order(stocks, wide_range, count)
    assert order(stocks, wide_range, 1) == Span(WINDOW, WINDOW + 1)


def test_a_range_near_its_end_has_no_stock(small_range):
    assert order(Stocks(), small_range, 1) is None
    assert not Reservation.objects.exists()


def test_an_order_larger_than_a_part_of_a_stock_has_none(wide_range):
    assert order(Stocks(), wide_range, 2_501) is None
    assert rows(wide_range, HELD) == []


def test_orders_of_one_size_leave_nothing_over(wide_range):
    stocks = Stocks()
    spans = [order(stocks, wide_range, 999) for _ in range(12)]
    assert spans == [Span(first, first + 999) for first in range(0, 12 * 999, 999)]
    assert rows(wide_range, FREE) == []
    assert rows(wide_range, USED) == [(span.first, span.end) for span in spans]


def test_what_is_too_little_for_an_order_is_free_again(wide_range):
    stocks = Stocks()
    for count in (1, *[999] * 10):
        order(stocks, wide_range, count)
    assert rows(wide_range, FREE) == []
    order(stocks, wide_range, 500)
    assert rows(wide_range, FREE) == [(9_991, 10_000)]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_long_for_one_who_waits(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    meanwhile = []
    with suppress(ValueError), stocks.piece("any", count=1, choose=lambda: wide_range):
        meanwhile = at_once(1, lambda _: order(stocks, wide_range, 1))
        raise ValueError
    assert meanwhile == [None]
    assert order(stocks, wide_range, 1) == Span(1, 2)


def test_a_range_whose_rest_is_excluded_has_no_stock(small_range, monkeypatch):
    monkeypatch.setattr(stock, "_SHARE", 1)
    exclude_slots(small_range, *range(1, 1_000))
    assert order(Stocks(), small_range, 1) is None


def test_no_piece_crosses_a_window(wide_range):
    Pool.objects.create(issuer_range=wide_range, next_slot=WINDOW - 2)
    stocks = Stocks()
    assert order(stocks, wide_range, 3) is None
    assert rows(wide_range, HELD) == []
    assert order(stocks, wide_range, 2) == Span(WINDOW - 2, WINDOW)
    assert order(stocks, wide_range, 3) == Span(WINDOW, WINDOW + 3)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_numbers(wide_range, monkeypatch):
    monkeypatch.setattr(stock, "_PATIENCE", 60.0)  # so that nobody takes the way of all orders
    stocks = Stocks()
    spans = at_once(8, lambda _: [order(stocks, wide_range, 3) for _ in range(20)])
    slots = [slot for some in spans for span in some for slot in range(span.first, span.end)]
    assert sorted(slots) == list(range(480))
    assert rows(wide_range, HELD) == [(480, 9_999)]


@pytest.mark.django_db(transaction=True)
def test_whoever_imports_waits_for_an_order_under_way(wide_range):
    """Which holds no lock of the range: its stock is there."""
    stocks = Stocks()
    order(stocks, wide_range, 1)
    with transaction.atomic():
        assert order(stocks, wide_range, 1) == Span(1, 2)
        outcome = impatiently(lambda: exclude_slots(wide_range, 2))
    assert isinstance(outcome, OperationalError)
    exclude_slots(wide_range, 2)


@pytest.mark.django_db(transaction=True)
def test_no_filter_is_sealed_without_the_cards_of_an_order_under_way(wide_range):
    stocks, window = Stocks(), wide_range.first_slot // WINDOW
    with transaction.atomic():
        assert order(stocks, wide_range, 1) == Span(0, 1)
        assert at_once(1, lambda _: seal(window)) == [Sealing.BUSY]
    assert seal(window) is Sealing.SEALED
    order(stocks, wide_range, 1)
    assert WindowFilter.objects.get(window=window).digest is None


def test_an_order_for_the_rest_of_a_range_takes_what_others_hold_ready(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    left = wide_range.capacity - 1
    with transaction.atomic():
        spans = reserve(issuer_range=wide_range, count=left, owner=uuid4())
    assert sum(map(len, spans)) == left
    with pytest.raises(StockLost):
        order(stocks, wide_range, 1)
    assert order(stocks, wide_range, 1) is None


def test_who_is_refused_hears_of_every_number_and_takes_none(wide_range):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    with pytest.raises(RangeExhausted) as refused, transaction.atomic():
        reserve(issuer_range=wide_range, count=wide_range.capacity, owner=uuid4())
    assert refused.value.facts["left"] == wide_range.capacity - 1
    assert order(stocks, wide_range, 1) == Span(1, 2)


def test_a_promise_of_the_rest_takes_it_back_and_is_kept(wide_range):
    stocks, owner = Stocks(), uuid4()
    order(stocks, wide_range, 1)
    left = wide_range.capacity - 1
    with transaction.atomic():
        promise(issuer_range=wide_range, count=left, owner=owner)
    with pytest.raises(StockLost):
        order(stocks, wide_range, 1)
    assert order(stocks, wide_range, 1) is None
    with transaction.atomic():
        assert sum(map(len, redeem(issuer_range=wide_range, count=left, owner=owner))) == left


@pytest.fixture
def mostly_promised(wide_range) -> UUID:
    """Whoever was promised all of the range but 20,000 numbers, half of which a stock holds."""
    owner = uuid4()
    with transaction.atomic():
        promise(issuer_range=wide_range, count=wide_range.capacity - 20_000, owner=owner)
    return owner


def test_an_order_beside_a_promise_takes_back_what_it_needs(wide_range, mostly_promised):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    with transaction.atomic():
        spans = reserve(issuer_range=wide_range, count=19_999, owner=uuid4())
    assert sum(map(len, spans)) == 19_999
    with pytest.raises(StockLost):
        order(stocks, wide_range, 1)
    assert promises.of(mostly_promised) == wide_range.capacity - 20_000
    with transaction.atomic():
        rest = promises.of(mostly_promised)
        spans = redeem(issuer_range=wide_range, count=rest, owner=mostly_promised)
    assert sum(map(len, spans)) == rest


@pytest.mark.parametrize("take", [reserve, promise])
def test_who_is_refused_beside_a_promise_takes_nothing_back(wide_range, mostly_promised, take):
    stocks = Stocks()
    order(stocks, wide_range, 1)
    with pytest.raises(RangeExhausted) as refused, transaction.atomic():
        take(issuer_range=wide_range, count=20_000, owner=uuid4())
    assert refused.value.facts["left"] == 19_999
    assert order(stocks, wide_range, 1) == Span(1, 2)
