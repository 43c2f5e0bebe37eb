"""Jobs whose cards all end in different digits."""

import pytest
from django.core.management import call_command

from jobs import planning, work
from jobs.models import Chunk, ChunkState, Job
from jobs.orders import ItemOrder
from jobs.orders.contradictions import InvalidOrder
from jobs.planning import TooFewLastFours
from tests.support.fixtures import register
from tests.support.slots import exclude_slots, take
from tests.support.work import LONG
from uniqueness.models import Card, Reservation


def endings() -> list[str]:
    return [pan[-4:] for pan in Card.objects.values_list("pan", flat=True)]


def assert_distinct(job, count: int) -> None:
    job = Job.objects.get(id=job.id)
    assert (job.status, job.produced) == ("succeeded", count)
    assert len(set(endings())) == len(endings()) == count


def test_all_ten_thousand_endings_can_be_had(submit):
    job = submit(count=10_000, distinct_last_four=True)
    work.work(duration=LONG)
    assert_distinct(job, 10_000)
    call_command("verify_cards", job=job.id)


def test_endings_differ_over_all_items(submit):
    items = (ItemOrder(count=3_000, scheme="visa"), ItemOrder(count=3_000, scheme="mastercard"))
    job = submit(items=items, distinct_last_four=True)
    work.work(duration=LONG)
    assert_distinct(job, 6_000)


def test_more_cards_than_endings_are_refused_up_front(submit):
    with pytest.raises(InvalidOrder, match="10,000"):
        submit(count=10_001, distinct_last_four=True)
    assert not Reservation.objects.exists()


def test_a_range_with_too_few_endings_says_how_many(submit, small_range):
    take(small_range, 1)
    with pytest.raises(TooFewLastFours) as refusal:
        submit(range=small_range.name, count=1_000, distinct_last_four=True)
    assert refusal.value.facts["left"] == 999
    assert Reservation.objects.count() == 1


def test_a_number_excluded_meanwhile_is_made_up_for_with_another_ending(submit, small_range):
    job = submit(range=small_range.name, count=100, distinct_last_four=True)
    exclude_slots(small_range, 0, 1)
    work.work(duration=LONG)
    assert_distinct(job, 100)


def test_the_ending_of_a_number_excluded_before_it_was_minted_can_be_had_again(submit):
    wide = register(iin="99999902", pan_length=16)
    job = submit(range=wide.name, count=50, distinct_last_four=True)
    exclude_slots(wide, 0)
    chunks = planning.plan_missing(job.items.get(), count=10_000 - 49)
    assert sum(chunk.wanted for chunk in chunks) == 9_951


def test_what_an_item_is_short_of_ends_in_nothing_that_another_item_has(submit):
    pair = [register(iin=iin, pan_length=16) for iin in ("99999902", "99999903")]
    items = tuple(ItemOrder(count=50, range=one.name) for one in pair)
    job = submit(items=items, distinct_last_four=True)
    with pytest.raises(TooFewLastFours) as refusal:
        planning.plan_missing(job.items.get(position=0), count=9_901)
    assert refusal.value.facts["left"] == 9_900


def test_the_endings_of_numbers_that_were_given_up_can_be_had_again(submit):
    wide = register(iin="99999902", pan_length=16)
    job = submit(range=wide.name, count=50, distinct_last_four=True)
    Chunk.objects.update(state=ChunkState.DROPPED)
    chunks = planning.plan_missing(job.items.get(), count=10_000)
    assert sum(chunk.wanted for chunk in chunks) == 10_000


def test_excluded_numbers_are_not_chosen(submit, small_range):
    exclude_slots(small_range, 0, 3)
    job = submit(range=small_range.name, count=50, distinct_last_four=True)
    work.work(duration=LONG)
    assert_distinct(job, 50)
    assert not Card.objects.filter(slot__in=[small_range.first_slot]).exists()
    assert Chunk.objects.count() == 1  # nothing had to be made up for


def test_unused_slots_stay_unused(submit, small_range):
    first = submit(range=small_range.name, count=200, distinct_last_four=True)
    work.work(duration=LONG)
    submit(range=small_range.name, count=10)
    lease = work.lease_next()
    assert lease.span.first > max(Card.objects.values_list("slot", flat=True))
    assert Job.objects.get(id=first.id).status == "succeeded"


def test_the_api_takes_the_option(api):
    body = {"scheme": "visa", "count": 500, "distinct_last_four": True, "fields": ["last_four"]}
    cards = api.post("/api/v1/cards/generate", body).json()["cards"]
    assert len({card["last_four"] for card in cards}) == 500
