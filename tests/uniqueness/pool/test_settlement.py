"""Layer 3 after minting: used and free spans, and what may be written where."""

from threading import Event
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from generation.models import IssuerRange
from tests.support.ledger import RECIPE, cards_of, unseen
from tests.support.slots import exclude_slots, left, make_free, take
from tests.support.threads import at_once, impatiently
from tests.support.waiting import somebody_waits
from uniqueness import ledger
from uniqueness.errors import RangeExhausted, ReservationLost
from uniqueness.models import Reservation
from uniqueness.pool import free_spans, settlement
from uniqueness.pool.capacity import figures_of
from uniqueness.pool.reserving import next_slot, reserve
from uniqueness.slots import Span, excluded_slots


@transaction.atomic
def hold(issuer_range: IssuerRange, count: int, *, owner: UUID) -> list[Span]:
    return reserve(issuer_range=issuer_range, count=count, owner=owner)


@transaction.atomic
def write(issuer_range: IssuerRange, *, first: int, count: int, owner: UUID) -> int:
    cards = cards_of(issuer_range, first=first, count=count)
    return ledger.record(issuer_range=issuer_range, cards=cards, owner=owner, recipe=RECIPE)


def spans(issuer_range: IssuerRange, state: str) -> list[tuple[int, int]]:
    rows = Reservation.objects.filter(state=state).order_by("span")
    found = [free_spans.span_of(row) for row in rows]
    return [(s.first - issuer_range.first_slot, s.end - issuer_range.first_slot) for s in found]


def let_expire() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE uniqueness_reservation SET expires_at = now() - interval '1 day'")


def test_what_an_owner_did_not_mint_is_free_again(small_range):
    owner = uuid4()
    hold(small_range, 100, owner=owner)
    write(small_range, first=20, count=30, owner=owner)
    assert settlement.release(owner) == 70
    assert spans(small_range, "free") == [(0, 20), (50, 100)]
    assert spans(small_range, "used") == [(20, 50)]
    assert left(small_range) == 970


def test_the_smallest_free_span_that_fits_is_used_first(small_range):
    for start, count in ((0, 50), (60, 20), (100, 30)):
        make_free(small_range, start, count)
    assert begins(small_range, hold(small_range, 20, owner=uuid4())) == [60]
    assert begins(small_range, hold(small_range, 25, owner=uuid4())) == [100]
    assert spans(small_range, "free") == [(0, 50), (125, 130)]


def begins(issuer_range: IssuerRange, found: list[Span]) -> list[int]:
    return [span.first - issuer_range.first_slot for span in found]


def test_a_free_span_whose_numbers_are_excluded_is_passed_over(small_range):
    make_free(small_range, 0, 10)
    exclude_slots(small_range, 4)
    assert begins(small_range, hold(small_range, 10, owner=uuid4())) == [200]
    assert begins(small_range, hold(small_range, 9, owner=uuid4())) == [0]


def test_the_last_numbers_are_gathered_from_all_free_spans(small_range):
    take(small_range, 990)
    Reservation.objects.all().delete()
    make_free(small_range, 0, 5)
    make_free(small_range, 10, 7)
    exclude_slots(small_range, 3, 995)
    found = hold(small_range, 20, owner=uuid4())
    assert sum(len(span) - len(excluded_slots(span)) for span in found) == 20
    assert left(small_range) == 0


def test_who_gathers_the_last_numbers_leaves_jobs_what_they_hold(small_range):
    minting, gone = uuid4(), uuid4()
    hold(small_range, 100, owner=minting)
    hold(small_range, 100, owner=gone)
    settlement.release(gone)
    assert sum(map(len, hold(small_range, 850, owner=uuid4()))) == 850
    assert write(small_range, first=0, count=100, owner=minting) == 100


def test_too_few_numbers_in_all_spans_say_how_many_are_left(small_range):
    take(small_range, 990)
    Reservation.objects.all().delete()
    make_free(small_range, 0, 5)
    with pytest.raises(RangeExhausted) as refusal:
        hold(small_range, 16, owner=uuid4())
    assert refusal.value.facts["left"] == 15
    assert spans(small_range, "free") == [(0, 5)]


def test_an_owner_that_was_given_up_cannot_write_any_more(small_range):
    owner = uuid4()
    hold(small_range, 100, owner=owner)
    settlement.release(owner)
    with pytest.raises(ReservationLost):
        write(small_range, first=0, count=10, owner=owner)
    assert ledger.count(Span(small_range.first_slot, small_range.first_slot + 1000)) == 0


def test_nobody_writes_where_another_holds_the_slots(small_range):
    hold(small_range, 100, owner=uuid4())
    with pytest.raises(ReservationLost):
        write(small_range, first=0, count=10, owner=uuid4())


def test_a_card_written_past_the_end_of_the_span_is_refused(small_range):
    owner = uuid4()
    hold(small_range, 10, owner=owner)
    with pytest.raises(ReservationLost):
        write(small_range, first=5, count=6, owner=owner)


@pytest.mark.django_db(transaction=True)
def test_release_and_a_late_writer_never_both_win(small_range):
    owner = uuid4()
    hold(small_range, 100, owner=owner)

    def race(number: int) -> object:
        if number:
            return settlement.release(owner)
        return write(small_range, first=0, count=100, owner=owner)

    written, released = at_once(2, race)
    cards = ledger.count(Span(small_range.first_slot, small_range.first_slot + 1000))
    if isinstance(written, ReservationLost):
        assert (cards, released) == (0, 100)
    else:
        assert (cards, written) == (100, 100)
        assert released == 0
        assert spans(small_range, "free") == []


@pytest.mark.django_db(transaction=True)
def test_a_stopped_writer_does_not_hold_up_a_release(small_range):
    owner = uuid4()
    hold(small_range, 100, owner=owner)
    with transaction.atomic():
        write(small_range, first=0, count=10, owner=owner)
        (released,) = at_once(1, lambda _: settlement.release(owner))
    assert released == 0
    assert spans(small_range, "held") == [(0, 100)]
    assert settlement.release(owner) == 90


@pytest.mark.django_db(transaction=True)
def test_a_stopped_writer_does_not_hold_up_who_closes_its_span(small_range):
    owner = uuid4()
    hold(small_range, 100, owner=owner)
    with transaction.atomic():
        write(small_range, first=0, count=100, owner=owner)
        assert impatiently(lambda: settlement.finish(owner)) is None
    assert spans(small_range, "held") == [(0, 100)]
    settlement.finish(owner)
    assert spans(small_range, "used") == [(0, 100)]


def test_finished_spans_stay_used_with_their_count(small_range):
    owner = uuid4()
    hold(small_range, 100, owner=owner)
    write(small_range, first=0, count=100, owner=owner)
    settlement.finish(owner)
    assert spans(small_range, "used") == [(0, 100)]
    assert figures_of([small_range])[small_range.pk].issued == 100


def test_figures_say_what_became_of_every_number(small_range):
    exclude_slots(small_range, 500, 501)
    done, active = uuid4(), uuid4()
    hold(small_range, 100, owner=done)
    write(small_range, first=0, count=60, owner=done)
    settlement.release(done)
    hold(small_range, 200, owner=active)
    figures = figures_of([small_range])[small_range.pk]
    assert (figures.issued, figures.reserved, figures.released) == (60, 200, 40)
    assert (figures.excluded, figures.left, figures.capacity) == (2, 738, 1000)


def test_free_spans_that_touch_are_joined(small_range):
    for start, count in ((0, 10), (10, 10), (30, 5)):
        make_free(small_range, start, count)
    assert settlement.merge(small_range.pk) == 1
    assert spans(small_range, "free") == [(0, 20), (30, 35)]


@pytest.mark.django_db(transaction=True)
def test_free_spans_are_joined_when_nobody_takes_from_them(small_range):
    make_free(small_range, 0, 10)
    make_free(small_range, 10, 10)
    chosen = Event()

    def act(number: int) -> object:
        if number:
            assert chosen.wait(30)
            return settlement.merge(small_range.pk)
        with transaction.atomic():
            next_slot(small_range)
            row = free_spans.fitting(small_range, count=5, sequential=False)
            chosen.set()
            assert somebody_waits()
            return len(free_spans.hold(row, count=5, owner=uuid4()))

    assert at_once(2, act) == [5, 1]
    assert spans(small_range, "free") == [(5, 20)]


def test_free_spans_of_different_orders_stay_apart(small_range):
    make_free(small_range, 0, 10)
    first = small_range.first_slot
    free_spans.set_free(small_range, span=Span(first + 10, first + 20), sequential=True)
    assert settlement.merge(small_range.pk) == 0
    assert spans(small_range, "free") == [(0, 10), (10, 20)]


def test_reservations_nobody_renews_expire(small_range):
    forgotten, kept = uuid4(), uuid4()
    hold(small_range, 10, owner=forgotten)
    hold(small_range, 10, owner=kept)
    let_expire()
    settlement.renew([kept])
    assert settlement.holders(expired=True) == [forgotten]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("state = 'free', expires_at = NULL", "reservation_has_an_owner_unless_free"),
        ("issued = 11, holes = NULL", "reservation_never_holds_more_cards_than_slots"),
        ("issued = 10, holes = '{7}'", "reservation_never_counts_a_hole_as_a_card"),
        ("expires_at = NULL", "reservation_expires_only_while_held"),
        ("state = 'free', owner = NULL, expires_at = NULL, issued = 1", "free_spans_hold_no_card"),
    ],
)
def test_the_database_refuses_wrong_reservations(small_range, wrong, named):
    hold(small_range, 10, owner=uuid4())
    with pytest.raises(IntegrityError, match=named), connection.cursor() as cursor:
        cursor.execute(f"UPDATE uniqueness_reservation SET {wrong}")


def test_a_span_whose_cards_are_not_all_seen_yet_is_left_for_next_time(small_range):
    """On a distributed ledger a commit may be seen before its rows are."""
    owner = uuid4()
    hold(small_range, 100, owner=owner)
    write(small_range, first=20, count=30, owner=owner)
    with unseen(10):
        assert settlement.release(owner) == 0
        assert spans(small_range, "held") == [(0, 100)]
    assert settlement.release(owner) == 70
    assert Reservation.objects.get(state="used").issued == 30
