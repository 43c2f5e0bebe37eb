"""Orders by scheme: which range the cards come from."""

from threading import Event

import pytest
from django.db import transaction

from generation.models import IssuerRange
from jobs import orders
from jobs.models import Item, Job
from jobs.orders import ItemOrder, Origin
from tests.support.fixtures import an_order, register, silent
from tests.support.slots import exclude_slots, take
from tests.support.threads import at_once
from tests.support.waiting import somebody_waits
from uniqueness.errors import RangeExhausted
from uniqueness.models import Reservation
from uniqueness.pool.capacity import left_in
from uniqueness.pool.reserving import next_slot

SCHEME = "diners"  # its catalogue ranges are off: right shape only


@pytest.fixture
def pair(catalogue: None) -> list[IssuerRange]:
    """Two ranges of 1,000 numbers each, all that the scheme has."""
    return [register(iin=iin, pan_length=12, scheme=SCHEME) for iin in ("99999901", "99999903")]


def items(*counts: int) -> tuple[ItemOrder, ...]:
    return tuple(ItemOrder(count=count, scheme=SCHEME) for count in counts)


def test_items_of_one_scheme_go_where_there_is_room(user, pair):
    job = orders.submit(
        order=an_order(items=items(600, 600)), origin=Origin(owner=user), ring=silent
    )
    used = Item.objects.filter(job=job).values_list("issuer_range", flat=True)
    assert {*used} == {one.pk for one in pair}
    assert {*left_in(pair).values()} == {400}


def test_an_order_that_no_range_can_hold_beside_the_others_changes_nothing(user, pair):
    with pytest.raises(RangeExhausted) as refusal:
        orders.submit(
            order=an_order(items=items(600, 600, 600)), origin=Origin(owner=user), ring=silent
        )
    assert refusal.value.facts["left"] == 400
    assert {*left_in(pair).values()} == {1000}
    assert not Job.objects.exists()
    assert not Reservation.objects.exists()


def test_excluded_numbers_send_an_order_to_the_next_range(user, pair):
    take(pair[1], 1)
    exclude_slots(pair[0], *range(5))
    orders.submit(order=an_order(items=items(999)), origin=Origin(owner=user), ring=silent)
    assert left_in(pair) == {pair[0].pk: 995, pair[1].pk: 0}


def test_sequential_orders_go_to_a_range_with_a_whole_window(user, pair):
    begun = register(iin="99999904", pan_length=13, scheme=SCHEME)
    take(begun, 1)
    order = an_order(items=items(10), sequential=True)
    job = orders.submit(order=order, origin=Origin(owner=user), ring=silent)
    assert Item.objects.get(job=job).issuer_range in pair


@pytest.mark.django_db(transaction=True)
def test_orders_at_once_fill_every_range_of_the_scheme(user, pair):
    def order(number: int) -> Job:
        return orders.submit(
            order=an_order(items=items(600)), origin=Origin(owner=user), ring=silent
        )

    results = at_once(4, order)
    assert sum(isinstance(result, Job) for result in results) == 2
    assert all(isinstance(result, Job | RangeExhausted) for result in results)
    assert {*left_in(pair).values()} == {400}


@pytest.mark.django_db(transaction=True)
def test_an_order_takes_its_ranges_in_the_order_of_all_however_its_items_stand(user, pair):
    """Whoever has the first one may want the other: nobody waits in a circle."""
    first, second = pair
    named = tuple(ItemOrder(count=10, range=one.name) for one in (second, first))
    locked = Event()

    def act(number: int) -> int:
        if number:
            assert locked.wait(30)
            order = an_order(items=named)
            return orders.submit(order=order, origin=Origin(owner=user), ring=silent).requested
        with transaction.atomic():
            next_slot(first)
            locked.set()
            assert somebody_waits()
            return next_slot(second)

    assert at_once(2, act) == [0, 20]
