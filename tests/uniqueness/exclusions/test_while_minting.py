"""Imports beside jobs: N asked is N delivered, and no excluded number gets out."""

from threading import Event

import pytest
from django.db import connection, transaction

from generation import recipes
from generation.kernel.defects import Defect
from generation.kernel.mint import span
from generation.models import IssuerRange
from jobs import orders, work
from jobs.models import Job, Status
from jobs.orders import Origin
from tests.support.actors import somebody
from tests.support.fixtures import an_order, register, silent
from tests.support.slots import take
from tests.support.threads import at_once
from tests.support.work import LONG
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, import_stream, numbers_of, text_of
from uniqueness import locks, registry
from uniqueness.exclusions.adding import close_gate
from uniqueness.exclusions.imports import staging
from uniqueness.models import Card, Exclusion

OUT = range(5, 1_000, 7)


@pytest.fixture
def wide(catalogue):
    """A range of 10,000 numbers."""
    return register(iin="99999902", pan_length=13)


@pytest.fixture(autouse=True)
def small_chunks(settings):
    """Chunks small enough that a job has several."""
    settings.CARDGEN_CHUNK_CARDS = 100


def nothing_excluded_was_issued() -> bool:
    imported = Exclusion.objects.filter(reason="imported").values("pan")
    return not Card.objects.filter(pan__in=imported).exists()


def test_numbers_imported_between_reservation_and_minting_are_made_up_for(wide, submit):
    job = submit(range=wide.name, count=1_500)
    report = bring_in(text_of(*numbers_of(wide, *OUT)))
    assert report.issued == 0
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced, Card.objects.count()) == (Status.SUCCEEDED, 1_500, 1_500)
    assert nothing_excluded_was_issued()


def test_what_was_minted_before_is_reported_with_its_job(wide, submit):
    job = submit(range=wide.name, count=300)
    for _ in range(2):
        work.execute(work.lease_next())
    report = bring_in(text_of(*numbers_of(wide, *range(300))))
    assert (report.issued, report.new) == (200, 100)
    assert report.cards.by_job == [(job.id, 200)]
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == (Status.SUCCEEDED, 300)
    assert nothing_excluded_was_issued()


@pytest.mark.django_db(transaction=True)
def test_a_card_issued_while_the_import_compares_is_found_before_it_commits(
    wide, submit, monkeypatch
):
    """The last moment: compared and inserted, but the gate is still open."""
    job, add = submit(range=wide.name, count=100), staging.add

    def mint_first(**options):
        added = add(**options)
        at_once(1, lambda _: work.work(duration=LONG))
        return added

    monkeypatch.setattr(staging, "add", mint_first)
    report = bring_in(text_of(*numbers_of(wide, *range(50, 150))))
    assert (report.issued, report.new, report.known) == (50, 50, 0)
    assert report.cards.by_job == [(job.id, 50)]
    assert Exclusion.objects.filter(reason="imported").count() == 50
    assert nothing_excluded_was_issued()


@pytest.mark.parametrize("defect", [Defect.LUHN, Defect.UNKNOWN_SCHEME])
@pytest.mark.django_db(transaction=True)
def test_negative_cards_issued_meanwhile_are_found_too(submit, monkeypatch, defect):
    owned = register(iin="42345678", pan_length=16)
    job, add = submit(range=owned.name, count=100, defect=defect), staging.add
    wrong = recipes.make(issuer_range=owned, slots=span(0, 10), recipe=job.recipe).pans

    def mint_first(**options):
        added = add(**options)
        at_once(1, lambda _: work.work(duration=LONG))
        return added

    monkeypatch.setattr(staging, "add", mint_first)
    report = bring_in(text_of(*(pan.decode() for pan in wrong.tolist()), OUTSIDE))
    assert (report.issued, report.new) == (10, 1)
    assert nothing_excluded_was_issued()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_add_each_number_once(wide):
    content = text_of(*numbers_of(wide, *range(900)))
    reports = at_once(2, lambda number: bring_in(content, source=f"import {number}"))
    assert sorted((report.new, report.known) for report in reports) == [(0, 900), (900, 0)]
    imported = Exclusion.objects.filter(reason="imported")
    assert imported.values("source").distinct().count() == 1


@pytest.mark.django_db(transaction=True)
def test_imports_while_two_threads_mint_and_two_submit(wide, submit, user):
    jobs = [submit(range=wide.name, count=400) for _ in range(2)]
    parts = [OUT[part::2] for part in range(2)]

    def act(number: int) -> object:
        if number < 2:
            return work.work(duration=LONG)
        if number < 4:
            return bring_in(text_of(*numbers_of(wide, *parts[number - 2])))
        order = an_order(range=wide.name, count=300)
        return orders.submit(order=order, origin=Origin(owner=user), ring=silent)

    results = at_once(6, act)
    assert not [error for error in results if isinstance(error, Exception)]
    work.work(duration=LONG)
    produced = dict(Job.objects.values_list("id", "produced"))
    assert set(Job.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert [produced[job.id] for job in jobs] == [400, 400]
    assert sorted(produced.values()) == [300, 300, 400, 400]
    assert Card.objects.count() == 1_400
    assert nothing_excluded_was_issued()


@pytest.mark.django_db(transaction=True)
def test_a_plan_and_an_import_take_turns(wide, submit):
    """A span is reserved, then cut: an import between the two would make the job too short."""
    planned, imported = Event(), Event()

    def act(number: int) -> object:
        if number:
            planned.wait(30)
            report = bring_in(text_of(*numbers_of(wide, *range(10))))
            imported.set()
            return report
        with transaction.atomic():
            take(wide, 100)
            planned.set()
            return imported.wait(1)

    finished_meanwhile, _ = at_once(2, act)
    assert finished_meanwhile is False
    assert Exclusion.objects.filter(reason="imported").count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_range_registered_while_an_import_runs_gets_its_slots(catalogue, monkeypatch):
    numbers = [f"4234567{tail:08d}" for tail in range(50)]
    pans = [number + digit for number in numbers for digit in "0123456789"]
    add, made = staging.add, []

    def register_first(**options):
        added = add(**options)
        owned = {"scheme": "visa", "iin": "42345670", "pan_length": 16}
        words = {"statement": "ours since 2019", "actor": somebody()}
        (found,) = at_once(1, lambda _: registry.register_owned(**owned, **words))
        made.append(found)
        return added

    monkeypatch.setattr(staging, "add", register_first)
    bring_in(text_of(*pans))
    placed = Exclusion.objects.filter(pan__startswith="42345670", slot__isnull=False)
    assert placed.count() == 50
    assert {slot // 10**12 for slot in placed.values_list("slot", flat=True)} == {made[0].pk}


@pytest.mark.django_db(transaction=True)
def test_an_import_that_breaks_leaves_nothing_and_holds_up_nobody(wide, submit):
    class Broken:
        pieces = iter([text_of(*numbers_of(wide, *range(100)))])

        def read(self, size: int, /) -> bytes:
            for piece in self.pieces:
                return piece
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_stream(Broken())
    assert not Exclusion.objects.filter(reason="imported").exists()
    job = submit(range=wide.name, count=200)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_who_closes_the_gate_on_a_range_that_went_waits_for_no_range_being_placed(small_range):
    """Who places takes the lock of removals, then waits for the gate."""
    bring_in(text_of(*numbers_of(small_range, 5)))
    known = IssuerRange.objects.get()
    IssuerRange.objects.all().delete()
    placing, closed = Event(), Event()

    def act(number: int) -> bool:
        with transaction.atomic():
            if number:
                locks.remove_exclusions()
                placing.set()
                return closed.wait(30)
            locks.add_exclusions()
            assert placing.wait(30)
            connection.cursor().execute("SET LOCAL lock_timeout = '5s'")
            try:
                return close_gate(known=[known], touched=[])
            finally:
                closed.set()

    assert at_once(2, act) == [True, True]
    assert Exclusion.objects.get().slot is None
