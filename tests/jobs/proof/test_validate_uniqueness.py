"""The whole audit: finds what is wrong, names it, and complains of nothing else."""

from itertools import pairwise
from uuid import uuid4

import pytest
from django.core.management import CommandError

from generation.kernel.defects import Defect
from jobs import upkeep, work
from jobs.models import Job
from jobs.orders import Origin, accepting
from jobs.proof.blocks import blocks
from tests.jobs.proof.proving import cancel_begun, done, failures, validate
from tests.support.claims import claim
from tests.support.fixtures import an_order, register
from tests.support.slots import pans_from
from tests.support.threads import at_once
from tests.support.work import LONG
from uniqueness.models import Card
from uniqueness.proof.scope import Extent

MONTH = 2026 * 12


@pytest.fixture
def job(submit, small_range) -> Job:
    """A job of 500 good cards in five chunks."""
    return done(submit, range=small_range.name, count=500)


@pytest.fixture(autouse=True)
def _small_chunks(settings) -> None:
    settings.CARDGEN_CHUNK_CARDS = 100


def test_a_sound_ledger_is_praised_and_left_alone(job):
    said = validate()
    assert said.startswith("500 cards in 1 range, 1 job, as of ")
    assert "Every number occurs once" in said
    assert "FAILED" not in said
    assert said.count("  ok      ") >= 14


def test_an_empty_ledger_is_sound(catalogue):
    assert validate().startswith("0 cards in 0 ranges")


@pytest.mark.parametrize("defect", Defect)
@pytest.mark.parametrize("sequential", [False, True])
def test_negative_cards_are_right_in_their_way(submit, defect, sequential):
    done(submit, count=250, defect=defect, month=MONTH, sequential=sequential)
    assert validate().startswith("250 cards")


def test_cards_of_all_kinds_beside_each_other_are_right(api, submit, small_range):
    large = register(iin="99999902", pan_length=16)
    submit(range=small_range.name, count=1, sequential=True)
    claim(api, small_range, numbers=[max(pans_from(small_range, 0, 1000))])
    claim(api, large, numbers=pans_from(large, 10, 5) + pans_from(large, 2_500_000, 1))
    done(submit, range=large.name, count=200, defect=Defect.TOO_LONG, month=MONTH)
    done(submit, range=large.name, count=200, distinct_last_four=True)
    done(submit, range=large.name, count=200, sequential=True)
    done(submit, scheme="mastercard", count=200, cvv="123")
    submit(range=large.name, count=300)
    assert validate().startswith("808 cards in 3 ranges, 7 jobs")


def test_purged_cards_and_cancelled_jobs_are_no_loss(api, submit, small_range, job):
    large = register(iin="99999902", pan_length=16)
    claim(api, large, numbers=pans_from(large, 2_000, 2))
    cancel_begun(submit(range=large.name, count=1_000))
    list(upkeep.purge_cards(job))
    list(upkeep.purge_cards(Job.objects.get(requested=2)))
    done(submit, range=large.name, count=50)
    assert validate().startswith("150 cards")


def test_another_master_key_fails_before_anything_else(job, settings):
    settings.CARDGEN_MASTER_KEY = bytes(32)
    with pytest.raises(CommandError, match="restore the CARDGEN_MASTER_KEY") as failure:
        validate()
    assert failure.value.returncode == 3


def test_a_fast_look_sees_where_cards_lie_and_not_what_they_say(job, small_range):
    Card.objects.filter(slot=small_range.first_slot + 1).update(cvv="1x3")
    assert "was not compared (--fast)" in validate(fast=True)
    Card.objects.filter(slot=small_range.first_slot + 2).delete()
    assert failures(fast=True).keys() == {"chunks", "counters"}


def test_a_part_of_the_ledger_can_be_looked_at_alone(api, submit, job, small_range):
    large = register(iin="99999902", pan_length=16)
    claim(api, large, numbers=pans_from(large, 10, 1))
    other = done(submit, range=large.name, count=100)
    assert validate(range=large.name).startswith("101 cards in 1 range, 2 jobs (range")
    assert validate(job=other.id).startswith("100 cards in 1 range, 1 job (job")
    Card.objects.filter(slot=small_range.first_slot + 1).update(cvv="1x3")
    for elsewhere in ({"range": large.name}, {"job": other.id}):
        assert "FAILED" not in validate(**elsewhere)
    for here in ({"range": small_range.name}, {"job": job.id}):
        assert failures(**here).keys() == {"cards"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"range": "999999"}, "no issuer range 999999"),
        ({"range": "42345678"}, "42345678-16, 42345678-18: say which"),
        ({"job": uuid4()}, "there is no job"),
        ({"threads": 0}, "--threads is 1 to 16"),
    ],
)
def test_bad_requests_say_what_is_possible(catalogue, options, said):
    for length in (16, 18):
        register(iin="42345678", pan_length=length)
    with pytest.raises(CommandError, match=said) as failure:
        validate(**options)
    assert failure.value.returncode == 2


def test_many_small_jobs_are_looked_at_together(submit, user, small_range):
    for count in (1, 2) * 20:
        accepting.generate(
            order=an_order(range=small_range.name, count=count), origin=Origin(owner=user)
        )
    found = list(blocks(Extent()))
    assert [len(block.parts) for block in found] == [40]
    assert validate().startswith("60 cards in 1 range, 40 jobs")


def test_blocks_leave_no_slot_out(api, submit, small_range, job):
    large = register(iin="99999902", pan_length=16)
    claim(api, large, numbers=pans_from(large, 3_500_000, 1))
    done(submit, range=large.name, count=300)
    found = [block.span for block in blocks(Extent())]
    assert all(a.end == b.first for a, b in pairwise(found))
    assert (found[0].first, found[-1].end) == (-(2**63), 2**63 - 1)


@pytest.mark.django_db(transaction=True)
def test_jobs_that_go_on_meanwhile_cause_no_alarm(submit, settings):
    settings.CARDGEN_CHUNK_CARDS = 50_000
    done(submit, count=210_000)
    settings.CARDGEN_CHUNK_CARDS = 1_000
    submit(count=40_000)

    def act(number: int) -> str:
        if number == 0:
            work.work(duration=LONG)
            return validate()
        return "".join(validate(threads=number) for _ in range(3))

    last, *others = at_once(3, act)
    assert last.startswith("250,000 cards")
    assert all("FAILED" not in said for said in others)


def test_a_claimed_card_in_a_span_given_up_is_not_counted_there(api, submit, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 10, 2))
    cancel_begun(submit(range=small_range.name, count=900))
    assert validate().startswith("100 cards")
