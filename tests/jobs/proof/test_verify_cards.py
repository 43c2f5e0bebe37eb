"""One job alone: what it says of the cards comes from the same proof as the whole audit."""

from uuid import uuid4

import pytest
from django.db import connection

from jobs import upkeep, work
from jobs.models import Job
from tests.jobs.proof.proving import done
from tests.support.claims import claim
from tests.support.commands import run
from tests.support.slots import pans_from
from uniqueness.models import Card, Exclusion, Reservation

ALL_RIGHT = "every card equals its re-minted card\n"


@pytest.fixture
def job(submit, small_range, settings) -> Job:
    """A job of 500 good cards in five chunks."""
    settings.CARDGEN_CHUNK_CARDS = 100
    return done(submit, range=small_range.name, count=500)


def verify(job: Job) -> tuple[int, str, str]:
    ended = run("verify_cards", "--job", str(job.id))
    return ended.returncode, ended.stdout, ended.stderr


def test_all_right(job):
    first = f"job {job.id}: 500 cards in the ledger, 500 counted\n"
    assert verify(job) == (0, first + ALL_RIGHT, "")


def test_cards_that_differ_are_named_by_slot(job, small_range):
    first = small_range.first_slot
    Card.objects.filter(slot__in=[first + 7, first + 300]).update(cvv="1x3")
    code, out, err = verify(job)
    assert code == 1
    assert f"\nslot {first + 7} differs from its re-minted card\n" in out
    assert f"\nslot {first + 300} differs from its re-minted card\n" in out
    assert "2 cards differ, 0 chunks are short" in err


def test_a_day_that_is_not_the_last_of_its_month_differs_too(job, small_range):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE uniqueness_ledger SET expiry = expiry - 1 WHERE slot % 100 = 0")
    assert "5 cards differ" in verify(job)[2]


def test_chunks_that_are_short_are_named(job, small_range):
    Card.objects.filter(slot=small_range.first_slot + 250).delete()
    code, out, err = verify(job)
    assert (code, "499 cards in the ledger, 500 counted" in out) == (1, True)
    assert f"of job {job.id} counts 100 cards and holds 99\n" in out
    assert "0 cards differ, 1 chunk is short" in err


def test_cards_in_a_span_that_the_job_does_not_hold_are_no_success(job):
    Reservation.objects.update(owner=uuid4())
    code, out, err = verify(job)
    assert (code, ALL_RIGHT in out) == (1, False)
    assert f"`validate_uniqueness --job {job.id}` tells more" in err


def test_a_provider_that_published_a_cards_number_afterwards_changes_nothing(job, small_range):
    number = Card.objects.get(slot=small_range.first_slot + 5).pan
    Exclusion.objects.create(pan=number, reason="published", source="a provider")
    assert verify(job)[0] == 0


def test_damage_in_another_job_is_not_this_ones(job, submit, small_range):
    other = done(submit, range=small_range.name, count=10)
    Card.objects.filter(slot=small_range.first_slot + 3).update(cvv="1x3")
    assert verify(other)[0] == 0


def test_cards_that_others_claimed_in_its_span_do_not_count(api, job, submit, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 700, 3))
    other = done(submit, range=small_range.name, count=400)
    assert "400 cards in the ledger, 400 counted" in verify(other)[1]


def test_a_job_that_is_half_done_is_right_so_far(submit, small_range, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    job = submit(range=small_range.name, count=500)
    work.execute(work.lease_in(job.id))
    assert "100 cards in the ledger, 100 counted" in verify(job)[1]


def test_purged_cards_cannot_be_compared(job):
    list(upkeep.purge_cards(job))
    code, out, err = verify(job)
    assert (code, "0 cards in the ledger, 500 counted" in out) == (1, True)
    assert "500 cards were purged" in err
