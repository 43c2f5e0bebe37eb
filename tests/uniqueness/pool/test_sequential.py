"""Numbers that count up."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from generation.kernel.mint import mint, span
from generation.kernel.spec import Profile
from generation.models import IssuerRange, SequentialWindow
from generation.ranges import slots_of, spec
from tests.support.fixtures import register
from tests.support.slots import exclude_in_sequence, left, pans_in_sequence, take
from uniqueness.errors import RangeExhausted
from uniqueness.models import Reservation
from uniqueness.pool import settlement
from uniqueness.pool.capacity import figures_of
from uniqueness.pool.sequential import reserve_in_sequence
from uniqueness.slots import WINDOW, Span, excluded_slots

PROFILE = Profile(first_month=2030 * 12, months=1)


@pytest.fixture
def large_range(db: None) -> IssuerRange:
    """A range of ten windows."""
    return register(iin="99999902", pan_length=16)


@transaction.atomic
def take_in_sequence(issuer_range: IssuerRange, count: int) -> Span:
    (found,) = reserve_in_sequence(issuer_range=issuer_range, count=count, owner=uuid4())
    return Span(found.first - issuer_range.first_slot, found.end - issuer_range.first_slot)


def test_orders_share_a_window_that_is_kept_for_them(large_range):
    assert take_in_sequence(large_range, 10) == Span(0, 10)
    assert take_in_sequence(large_range, 5) == Span(10, 15)
    assert [w.window for w in SequentialWindow.objects.all()] == [0]


def test_random_orders_keep_out_of_sequential_windows(large_range):
    take_in_sequence(large_range, 10)
    found = take(large_range, 10)
    assert found.first == large_range.first_slot + WINDOW


def test_slots_skipped_to_the_next_window_are_left_for_random_orders(large_range):
    take(large_range, 10)
    assert take_in_sequence(large_range, 10) == Span(WINDOW, WINDOW + 10)
    assert take(large_range, 10).first == large_range.first_slot + 10


def test_an_order_larger_than_a_window_takes_several(large_range):
    assert take_in_sequence(large_range, WINDOW + 1) == Span(0, WINDOW + 1)
    assert SequentialWindow.objects.count() == 2


def test_excluded_numbers_are_stepped_over_where_they_lie_in_the_sequence(large_range):
    exclude_in_sequence(large_range, 3, 10, 999)
    found = take_in_sequence(large_range, 10)
    assert found == Span(0, 12)
    packed = Span(large_range.first_slot, large_range.first_slot + 12)
    inside = excluded_slots(packed, sequential=True)
    assert inside == [large_range.first_slot + 3, large_range.first_slot + 10]


def test_excluded_numbers_make_an_order_reach_into_another_window(large_range):
    exclude_in_sequence(large_range, 3)
    assert take_in_sequence(large_range, WINDOW) == Span(0, WINDOW + 1)


def test_a_number_excluded_later_has_the_slot_its_window_gives_it(large_range):
    take_in_sequence(large_range, 100)
    exclude_in_sequence(large_range, 150)
    whole = Span(large_range.first_slot, large_range.first_slot + WINDOW)
    assert excluded_slots(whole, sequential=True) == [large_range.first_slot + 150]


def test_numbers_of_both_orders_find_their_slots(large_range):
    take_in_sequence(large_range, 10)
    take(large_range, 10)
    assert slots_of(large_range, pans=pans_in_sequence(large_range, 7, 8)).tolist() == [7, 8]
    permuted = mint(spec(large_range), slots=span(WINDOW, 5), profile=PROFILE).pans
    assert slots_of(large_range, pans=permuted).tolist() == list(range(WINDOW, WINDOW + 5))


def test_a_small_range_is_taken_whole_or_not_at_all(small_range):
    assert take_in_sequence(small_range, 10) == Span(0, 10)
    assert left(small_range) == 0
    assert figures_of([small_range])[small_range.pk].released_sequential == 990


def test_a_small_range_that_is_begun_in_random_order_cannot_become_sequential(small_range):
    take(small_range, 1)
    with pytest.raises(RangeExhausted, match="whole windows") as refusal:
        take_in_sequence(small_range, 1)
    assert refusal.value.facts["left"] == 0


def test_more_than_the_windows_hold_is_refused_and_changes_nothing(large_range):
    exclude_in_sequence(large_range, 3)
    with pytest.raises(RangeExhausted) as refusal:
        take_in_sequence(large_range, 10 * WINDOW)
    assert refusal.value.facts["left"] == 10 * WINDOW - 1
    assert not Reservation.objects.exists()
    assert not SequentialWindow.objects.exists()


def test_a_refused_order_is_told_what_is_left_of_the_last_one(small_range):
    take_in_sequence(small_range, 600)
    with pytest.raises(RangeExhausted) as refusal:
        take_in_sequence(small_range, 500)
    assert refusal.value.facts["left"] == 400
    assert take_in_sequence(small_range, 400) == Span(600, 1000)


def test_the_last_numbers_in_sequence_are_gathered_from_all_spans(large_range):
    take(large_range, 8 * WINDOW)
    freed = uuid4()
    with transaction.atomic():
        reserve_in_sequence(issuer_range=large_range, count=300, owner=freed)
    take_in_sequence(large_range, WINDOW - 400)
    settlement.release(freed)
    exclude_in_sequence(large_range, 8 * WINDOW + 7)
    with transaction.atomic():
        spans = reserve_in_sequence(issuer_range=large_range, count=WINDOW + 350, owner=uuid4())
    found = [(span.first - large_range.first_slot, span.end - span.first) for span in spans]
    assert found == [(9 * WINDOW, WINDOW), (8 * WINDOW, 300), (9 * WINDOW - 100, 51)]


def test_the_database_refuses_a_window_twice(large_range):
    SequentialWindow.objects.create(issuer_range=large_range, window=3)
    with pytest.raises(IntegrityError, match="one_order_per_window"):
        SequentialWindow.objects.create(issuer_range=large_range, window=3)
