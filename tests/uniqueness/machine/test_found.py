"""What the machine found, each as small as it gets."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from generation.kernel.defects import Defect
from jobs import orders, results, states, upkeep, work
from jobs.models import Job, Status
from jobs.orders import Origin, claims, renew_cards
from jobs.upkeep import advance_cursors
from tests.support.actors import somebody
from tests.support.checking import states as states_of
from tests.support.fixtures import an_order, silent
from tests.support.slots import exclude_slots, pans
from tests.support.threads import at_once
from tests.support.work import LONG, expire_leases
from tests.uniqueness.exclusions.files import bring_in, text_of
from tests.uniqueness.machine.deaths import dying
from uniqueness.cache.answers import forget_all
from uniqueness.check import check
from uniqueness.claims import Wish
from uniqueness.errors import RangeExhausted
from uniqueness.exclusions.adding import exclude
from uniqueness.exclusions.removing import ExclusionInUse, remove
from uniqueness.models import Card, Exclusion, Reservation
from uniqueness.pool.capacity import figures_of


@pytest.fixture(autouse=True)
def small_chunks(settings):
    settings.CARDGEN_CHUNK_CARDS = 40


@pytest.fixture
def done(submit, small_range):
    def finish(**order: object) -> Job:
        job = submit(range=small_range.name, **order)
        work.work(duration=LONG)
        job.refresh_from_db()
        return job

    return finish


def fail(job: Job) -> None:
    states.move(job.id, to=Status.FAILED, error_code="a_test", error="a test")


def purge(job: Job) -> None:
    job.refresh_from_db()
    list(upkeep.purge_cards(job))
    forget_all()


def claim(user, issuer_range, *numbers: str) -> Job:
    order = an_order(range=issuer_range.name, count=len(numbers))
    return claims.claim(order=order, wish=Wish(numbers=numbers), origin=Origin(owner=user))


def result(job: Job) -> list[str]:
    return [
        pan.decode() for block in results.blocks(job) for pan in block.batch.cards.pans.tolist()
    ]


def test_a_claimed_number_stays_excluded_after_its_card_was_purged(user, submit, small_range):
    (number,) = pans(small_range, 500)
    purge(claim(user, small_range, number))
    with pytest.raises(ExclusionInUse):
        remove([number], reason="it is not there", actor=somebody("root"))
    assert Exclusion.objects.filter(pan=number).exists()


def test_a_purged_number_that_is_imported_stays_issued(done, small_range):
    job = done(count=10)
    (number,) = pans(small_range, 3)
    purge(job)
    bring_in(text_of(number))
    assert states_of([number]) == ["issued"]


def test_a_purged_sequential_number_that_is_imported_stays_issued(done, small_range):
    job = done(count=10, sequential=True)
    number = sorted(result(job))[3]
    purge(job)
    bring_in(text_of(number))
    assert states_of([number]) == ["issued"]


def test_a_published_card_keeps_its_owner(done, small_range):
    job = done(count=10)
    (number,) = pans(small_range, 3)
    exclude({number: "a provider"}, reason="published")
    assert states_of([number]) == ["issued"]
    assert check([number], hints=False)[0].owner == job.id


def test_a_published_card_stays_issued_when_its_job_is_purged(done, small_range):
    job = done(count=10)
    (number,) = pans(small_range, 3)
    exclude({number: "a provider"}, reason="published")
    purge(job)
    assert states_of([number]) == ["issued"]


def test_a_purged_card_that_is_published_stays_issued(done, small_range):
    job = done(count=10)
    (number,) = pans(small_range, 3)
    purge(job)
    exclude({number: "a provider"}, reason="published")
    assert states_of([number]) == ["issued"]


def test_numbers_a_failed_job_left_out_never_come_into_its_result(submit, small_range):
    failed = submit(range=small_range.name, count=80)
    exclude_slots(small_range, 0, 1)
    work.execute(work.lease_in(failed.id))
    fail(failed)
    upkeep.clean_up()
    remove(pans(small_range, 0, 1), reason="not theirs after all", actor=somebody("root"))
    other = submit(range=small_range.name, count=2)
    work.work(duration=LONG)
    assert len(result(failed)) == 38
    call_command("verify_cards", job=failed.id, stdout=StringIO())
    call_command("verify_cards", job=other.id, stdout=StringIO())


def test_a_failed_job_purged_at_once_gives_its_unminted_numbers_back(submit, small_range):
    job = submit(range=small_range.name, count=80)
    work.execute(work.lease_in(job.id))
    fail(job)
    purge(job)
    assert states_of(pans(small_range, 5, 50)) == ["issued", "unissued"]
    upkeep.clean_up()
    assert figures_of([small_range])[small_range.pk].left == 960


def test_a_job_cut_by_a_restore_and_purged_was_issued_as_far_as_it_was_minted(
    user, submit, small_range
):
    exclude_slots(small_range, 50)
    claim(user, small_range, *pans(small_range, 60))
    job = submit(range=small_range.name, count=80)
    work.execute(work.lease_in(job.id))
    fail(job)
    advance_cursors(by=10, actor=somebody(user.username), reason="a backup was restored")
    purge(job)
    told = ["issued", "unissued", "excluded", "issued", "unissued"]
    assert states_of(pans(small_range, 5, 45, 50, 60, 70)) == told


def test_a_claimed_card_is_counted_once_though_a_failed_job_passed_it(user, submit, small_range):
    claim(user, small_range, *pans(small_range, 5))
    job = submit(range=small_range.name, count=80)
    work.execute(work.lease_in(job.id))
    fail(job)
    upkeep.clean_up()
    assert figures_of([small_range])[small_range.pk].issued == 40


def test_a_worker_overtaken_while_the_job_goes_on_does_not_stop_it(submit, small_range):
    job = submit(range=small_range.name, count=80)
    late = work.lease_in(job.id)
    expire_leases()
    upkeep.reconcile(ring=silent)
    work.execute(work.lease_in(job.id))
    work.execute(late)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 80)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_purged_while_a_late_writer_locks_the_span(submit, small_range):
    job = submit(range=small_range.name, count=80)
    work.execute(work.lease_in(job.id))
    fail(job)
    with transaction.atomic():
        list(Reservation.objects.filter(owner=job.id).select_for_update(no_key=True))
        (gone,) = at_once(1, lambda _: list(upkeep.purge_cards(Job.objects.get(id=job.id))))
    assert gone == []
    upkeep.clean_up()
    assert Card.objects.count() == 40
    assert figures_of([small_range])[small_range.pk].left == 960


def test_numbers_left_out_and_purged_around_are_not_issued(done, small_range):
    exclude_slots(small_range, 3)
    job = done(count=10)
    purge(job)
    assert states_of(pans(small_range, 2, 3, 4)) == ["issued", "excluded", "issued"]


def test_a_card_in_another_jobs_gap_is_renewed_as_its_own_jobs(
    user, other_user, submit, small_range
):
    exclude_slots(small_range, 0)
    failed = submit(range=small_range.name, count=80, distinct_last_four=True)
    work.execute(work.lease_in(failed.id))
    fail(failed)
    upkeep.clean_up()
    remove(pans(small_range, 0), reason="not theirs after all", actor=somebody("root"))
    order = an_order(range=small_range.name, count=1)
    orders.submit(order=order, origin=Origin(owner=other_user), ring=silent)
    work.work(duration=LONG)
    (card,) = renew_cards(numbers=pans(small_range, 0), origin=Origin(owner=other_user))
    assert card["psn"] in (1, "1", "01")


@pytest.mark.parametrize("defect", [Defect.TOO_LONG, Defect.TOO_SHORT, Defect.CVV_LENGTH])
def test_cards_of_another_length_are_read_around_a_claimed_one(user, done, small_range, defect):
    claim(user, small_range, *pans(small_range, 5))
    assert len(result(done(count=20, defect=defect))) == 20


def test_a_range_first_used_in_the_lost_time_is_stepped_past_too(user, submit, small_range):
    backup = transaction.savepoint()
    submit(range=small_range.name, count=10)
    work.work(duration=LONG)
    handed_out = set(Card.objects.values_list("pan", flat=True))
    transaction.savepoint_rollback(backup)
    advance_cursors(by=10, actor=somebody(user.username), reason="a backup was restored")
    with pytest.raises(RangeExhausted):
        submit(range=small_range.name, count=991)
    assert handed_out


@pytest.mark.parametrize("after", range(4))
def test_a_death_while_tidying_up_is_over_when_it_is_over(done, after):
    done(count=5)
    with dying(after) as fate:
        upkeep.clean_up()
    assert fate.died
    assert Card.objects.count() == 5
