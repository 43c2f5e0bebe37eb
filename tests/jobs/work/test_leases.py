"""Leasing chunks: which one is handed out, and that nobody waits for another's."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import control, work
from jobs.models import Chunk, Item, Job
from jobs.work.leases import Lease
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.support.threads import impatiently


@pytest.fixture
def job(submit, settings) -> Job:
    """Three chunks wait."""
    settings.CARDGEN_CHUNK_CARDS = 100
    return submit(count=300)


def pause() -> None:
    control.set_queue(paused=True, reason="a database move", actor=somebody(), ring=silent)


def test_a_chunk_that_rests_is_passed_over(job):
    resting = Chunk.objects.order_by("id")[0]
    Chunk.objects.filter(id=resting.pk).update(not_before=timezone.now() + timedelta(hours=1))
    leased = [work.lease_in(job.id), work.lease_in(job.id)]
    assert resting.pk not in {lease.chunk_id for lease in leased}
    assert work.lease_in(job.id) is None


def test_while_the_queue_is_paused_whoever_works_on_one_job_gets_nothing_either(job):
    pause()
    assert work.lease_in(job.id) is None


@pytest.mark.django_db(transaction=True)
def test_who_freezes_while_leasing_holds_up_nobody_else(job):
    work.lease_in(job.id)  # from here on the job runs
    with transaction.atomic():
        frozen = work.lease_in(job.id)
        other = impatiently(lambda: work.lease_in(job.id))
    assert isinstance(other, Lease)
    assert other.chunk_id != frozen.chunk_id


def test_there_is_rest_once_the_queue_is_paused_and_the_last_chunk_is_out_of_hand(job):
    assert not work.is_at_rest()
    lease = work.lease_in(job.id)
    pause()
    assert not work.is_at_rest()
    work.execute(lease)
    assert work.is_at_rest()


@pytest.mark.parametrize("pooled", [False, True])
def test_a_chunk_leased_from_the_first_is_held_like_any_other(job, settings, pooled):
    """So it is taken back, and given up, by the same rules."""
    settings.CARDGEN_POOLED = pooled
    later = work.lease_in(job.id)
    item = Item.objects.get()
    chunk = Chunk(job=job, item=item, first_slot=0, end_slot=1, wanted=1)
    (from_first,) = work.create_leased([chunk], job=job)
    columns = ("state", "epoch", "attempts", "worker", "backend_pid", "backend_start")
    held = {Chunk.objects.values_list(*columns).get(id=one.chunk_id) for one in (later, from_first)}
    assert len(held) == 1
    assert (from_first.epoch, from_first.attempts) == (later.epoch, later.attempts)
