"""Layer 3: spans set aside before minting."""

from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import IntegrityError

from generation.kernel.mint import mint, span
from generation.models import IssuerRange
from generation.ranges import spec
from tests.support.fixtures import register
from tests.support.slots import PROFILE, exclude_slots, left, pans, take
from tests.support.threads import at_once
from uniqueness.errors import RangeExhausted
from uniqueness.exclusions.adding import exclude, place
from uniqueness.models import Exclusion, Pool, Reservation
from uniqueness.pool.free_spans import hold_span
from uniqueness.pool.reserving import roomiest
from uniqueness.slots import Span, excluded_slots


def test_spans_follow_each_other(small_range):
    first = take(small_range, 10)
    assert first == Span(small_range.first_slot, small_range.first_slot + 10)
    assert take(small_range, 5) == Span(first.end, first.end + 5)


def test_a_span_grows_by_the_excluded_numbers_in_it(small_range):
    exclude_slots(small_range, 3, 9, 10, 12, 500)
    taken = take(small_range, 10)
    assert len(taken) - len(excluded_slots(taken)) == 10
    assert taken.end - small_range.first_slot == 14


def test_an_excluded_number_right_behind_the_span_is_left_for_the_next(small_range):
    exclude_slots(small_range, 10)
    assert len(take(small_range, 10)) == 10
    assert len(take(small_range, 1)) == 2


@pytest.mark.parametrize("count", [1, 3, 50, 940])
def test_a_span_is_as_short_as_its_excluded_numbers_let_it_be(small_range, count):
    barred = {*range(12), *range(13, 40), 77, 999}
    exclude_slots(small_range, *barred)
    usable = [slot for slot in range(1000) if slot not in barred]
    assert take(small_range, count).end == small_range.first_slot + usable[count - 1] + 1


def test_left_counts_neither_excluded_nor_handed_out(small_range):
    exclude_slots(small_range, 0, 999)
    take(small_range, 98)
    assert left(small_range) == 900


def test_asking_for_more_than_is_left_changes_nothing_and_says_how_many(small_range):
    exclude_slots(small_range, 7)
    with pytest.raises(RangeExhausted) as refusal:
        take(small_range, 1000)
    assert refusal.value.facts["left"] == 999
    assert not Pool.objects.filter(next_slot__gt=0).exists()
    assert not Reservation.objects.exists()


def test_the_last_numbers_can_be_taken(small_range):
    exclude_slots(small_range, 998, 999)
    take(small_range, 998)
    assert left(small_range) == 0


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_end_exactly_at_capacity(small_range):
    exclude_slots(small_range, *range(100, 140))
    results = at_once(16, lambda _: take(small_range, 64))
    spans = sorted(result for result in results if isinstance(result, Span))
    losers = [result for result in results if isinstance(result, RangeExhausted)]
    assert (len(spans), len(losers)) == (15, 1)
    assert losers[0].facts["left"] == 0
    assert all(a.end <= b.first for a, b in pairwise(spans))
    assert sum(len(s) - len(excluded_slots(s)) for s in spans) == 960


def test_the_database_refuses_overlapping_reservations(small_range):
    taken = take(small_range, 10)
    overlap = Span(taken.first + 9, taken.end + 5)
    with pytest.raises(IntegrityError, match="reservations_are_disjoint"):
        hold_span(small_range, span=overlap, owner=uuid4())


def test_the_cursor_cannot_be_moved_back(small_range):
    take(small_range, 10)
    with pytest.raises(IntegrityError, match="pool_cursor_never_goes_back"):
        Pool.objects.update(next_slot=9)


def test_the_cursor_cannot_be_deleted(small_range):
    take(small_range, 10)
    with pytest.raises(IntegrityError, match="pool_cursor_never_goes_back"):
        Pool.objects.all().delete()


def test_the_database_refuses_overlapping_ranges(small_range):
    with pytest.raises(IntegrityError, match="ranges_do_not_overlap"):
        register(iin="999999", pan_length=12)


def test_the_same_iin_with_another_length_is_another_range(small_range):
    assert register(iin=small_range.iin, pan_length=16).capacity == 10**7


def test_numbers_excluded_before_their_range_is_registered_are_found(db):
    number = pans(IssuerRange(pk=1, **_of_small_range()), 42)[0]
    exclude({number: "early"}, reason=Exclusion.Reason.IMPORTED)
    later = register(iin="99999901", pan_length=12)
    place([later])
    whole = Span(later.first_slot, later.first_slot + 1000)
    assert excluded_slots(whole) == [whole.first + 42]


def _of_small_range() -> dict[str, object]:
    made = register(iin="99999901", pan_length=12)
    fields = {n: getattr(made, n) for n in ("scheme", "iin", "pan_length", "key_check_value")}
    made.delete()
    return fields


def test_the_roomiest_range_is_chosen(catalogue):
    visa = list(IssuerRange.objects.filter(scheme="visa", tier="scheme_test"))
    take(visa[0], 100)
    assert roomiest(visa[:2], count=1) == [visa[1], visa[0]]
    assert roomiest(visa[:2], count=visa[0].capacity) == [visa[1]]
    assert roomiest(visa[:2], count=visa[0].capacity + 1) == [visa[1]]


def test_every_published_number_in_a_registered_range_has_its_slot(catalogue):
    for issuer_range in IssuerRange.objects.all():
        inside = Exclusion.objects.filter(pan__startswith=issuer_range.iin)
        right_length = [e for e in inside if len(e.pan) == issuer_range.pan_length]
        valid = [e for e in right_length if e.slot is not None]
        cards = mint(
            spec(issuer_range),
            slots=span(0, 1) * 0 + [e.slot - issuer_range.first_slot for e in valid],
            profile=PROFILE,
        )
        assert [pan.decode() for pan in cards.pans.tolist()] == [e.pan for e in valid]
    assert Exclusion.objects.filter(slot__isnull=False).count() > 50
