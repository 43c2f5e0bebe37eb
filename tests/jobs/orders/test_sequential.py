"""Sequential orders, from the request to the file."""

import pytest
from django.core.management import call_command

from generation.kernel.defects import Defect
from jobs import results, work
from jobs.models import Chunk, Job
from jobs.orders.contradictions import InvalidOrder
from tests.support.fixtures import register
from tests.support.slots import exclude_in_sequence
from tests.support.work import LONG
from uniqueness.check import explain
from uniqueness.models import Card, Reservation


def payloads(job: Job) -> list[int]:
    return [
        int(card.decode()[:-1]) for block in results.blocks(job) for card in block.batch.cards.pans
    ]


def done(job: Job) -> Job:
    work.work(duration=LONG)
    job = Job.objects.get(id=job.id)
    assert (job.status, job.produced) == ("succeeded", job.requested)
    assert Card.objects.count() == job.requested
    return job


@pytest.fixture
def owned(catalogue):
    """A range without published numbers: they are stepped over, wherever the key puts them."""
    return register(iin="99999902", pan_length=16)


def test_numbers_count_up_through_several_chunks(submit, settings, owned):
    settings.CARDGEN_CHUNK_CARDS = 100
    job = done(submit(count=950, sequential=True, range=owned.name))
    found = payloads(job)
    assert found == list(range(found[0], found[0] + 950))
    call_command("verify_cards", job=job.id)


def test_a_later_order_goes_on_where_the_first_one_ended(submit, owned):
    first = submit(count=10, sequential=True, range=owned.name)
    second = submit(count=10, sequential=True, range=owned.name)
    work.work(duration=LONG)
    assert payloads(second)[0] == payloads(first)[-1] + 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_numbers_excluded_before_or_after_the_order_are_made_up_for(submit, owned, when):
    if when == "before":
        exclude_in_sequence(owned, 5, 7)
    job = submit(range=owned.name, count=100, sequential=True)
    if when == "after":
        exclude_in_sequence(owned, 5, 7)
    found = payloads(done(job))
    first = 9999990200000000 // 10
    window = found[0] - found[0] % 10**6
    assert window >= first
    assert [number - window for number in found] == [n for n in range(102) if n not in (5, 7)]
    assert set(Chunk.objects.values_list("state", flat=True)) == {"done"}  # no number too many
    call_command("verify_cards", job=job.id)


def test_explain_finds_the_slot_of_a_sequential_card(submit):
    done(submit(count=5, sequential=True))
    (found,) = explain([Card.objects.order_by("slot")[3].pan])
    assert found.issued
    assert found.agrees
    assert found.slot == Card.objects.order_by("slot")[3].slot


@pytest.mark.parametrize("defect", [Defect.LUHN, Defect.TOO_SHORT, Defect.EXPIRED])
def test_negative_cards_can_count_up_too(submit, defect):
    order = {"defect": defect, "month": 2026 * 12, "scheme": "mastercard"}
    job = done(submit(count=50, sequential=True, **order))
    call_command("verify_cards", job=job.id)


def test_numbers_that_count_up_cannot_have_distinct_last_fours(submit):
    with pytest.raises(InvalidOrder, match="random"):
        submit(count=10, sequential=True, distinct_last_four=True)
    assert not Reservation.objects.exists()


def test_the_api_takes_the_two_orders_and_no_other(api):
    body = {"scheme": "visa", "count": 3, "ordering": "sequential"}
    cards = api.post("/api/v1/cards/generate", body).json()["cards"]
    found = [int(card["pan"][:-1]) for card in cards]
    assert found == list(range(found[0], found[0] + 3))
    refused = api.post("/api/v1/cards/generate", body | {"ordering": "shuffled"})
    assert refused.status_code == 400
    assert Card.objects.count() == 3
