"""What the audit must find, one damage at a time; it names the place and nothing else."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models import F

from generation.kernel.defects import Defect
from generation.models import SequentialWindow
from jobs.models import Chunk, Job
from jobs.planning import cutting
from tests.jobs.proof.proving import cancel, done, failures, validate
from tests.support.claims import claim
from tests.support.distributing import NOT_CHANGED, TWO_INDEXES
from tests.support.slots import pans_from
from uniqueness.models import Card, Exclusion, Promise, Reservation
from uniqueness.proof import indexes

MONTH = 2026 * 12


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _step_over(slot: int) -> None:
    """Let every span say so of a slot, which has a card or lies elsewhere."""
    for row in Reservation.objects.all():
        row.issued, row.holes = row.issued - 1, [row.span.lower + slot]
        row.save()


@pytest.fixture
def job(submit, small_range) -> Job:
    """A job of 500 good cards in five chunks."""
    return done(submit, range=small_range.name, count=500)


@pytest.fixture(autouse=True)
def _small_chunks(settings) -> None:
    settings.CARDGEN_CHUNK_CARDS = 100


@pytest.mark.parametrize(
    ("damage", "checks"),
    [
        *(
            pytest.param(damage, {"cards", "luhn"}, marks=NOT_CHANGED)
            for damage in (
                "pan = overlay(pan placing 'x' from 12)",
                "pan = pan || '0'",
                "pan = left(pan, -1)",
            )
        ),
        ("cvv = overlay(cvv placing 'x' from 1)", {"cards"}),
        ("cvv = cvv || '1'", {"cards"}),
        ("expiry = expiry - 1", {"cards"}),
        ("expiry = 'infinity'", {"cards"}),
        ("slot = slot + 500", {"places", "chunks", "counters"}),
        ("slot = slot + 10^14::bigint", {"places", "chunks", "counters"}),
    ],
)
def test_a_changed_row_is_named(job, small_range, damage, checks):
    slot = small_range.first_slot + 77
    execute(f"UPDATE uniqueness_ledger SET {damage} WHERE slot = {slot}")
    found = failures()
    assert found.keys() == checks
    if "cards" in checks:
        assert found["cards"] == [f"slot {slot}"]


@NOT_CHANGED
def test_a_row_of_a_negative_job_changed_to_its_good_number_is_named(submit, small_range):
    done(submit, range=small_range.name, count=10, defect=Defect.LUHN, month=MONTH)
    slot = small_range.first_slot + 3
    Card.objects.filter(slot=slot).update(pan=pans_from(small_range, 3, 1)[0])
    assert failures() == {"cards": [f"slot {slot}"]}


def test_a_row_that_is_gone_is_missed_by_chunk_and_span(job, small_range):
    Card.objects.filter(slot=small_range.first_slot + 250).delete()
    found = failures()
    assert found.keys() == {"chunks", "counters"}
    assert f"job {job.id} counts 100 cards and holds 99" in found["chunks"][0]
    assert found["counters"][0].endswith("): cards counted 500, held 499")


@pytest.mark.parametrize("slot", [600, 10**11])
def test_a_row_that_nobody_asked_for_is_named(job, small_range, slot):
    slot += small_range.first_slot
    Card.objects.create(slot=slot, pan="9" * 12, expiry="2030-01-31", cvv="123")
    assert failures() == {"places": [f"slot {slot}"]}


def test_a_row_between_two_chunks_that_are_read_together_is_named(api, job, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 700, 1))
    slot = small_range.first_slot + 600
    Card.objects.create(slot=slot, pan="9" * 12, expiry="2030-01-31", cvv="123")
    assert failures() == {"places": [f"slot {slot}"]}


def test_a_row_in_a_slot_that_its_chunk_passed_over_is_named(submit):
    done(submit, count=1_000, distinct_last_four=True)
    slots = list(Card.objects.order_by("slot").values_list("slot", flat=True))
    slot = next(slot for slot in range(slots[0], slots[-1]) if slot not in slots)
    Card.objects.create(slot=slot, pan="9" * 12, expiry="2030-01-31", cvv="123")
    found = failures()
    assert found.keys() == {"places", "counters"}
    assert found["places"] == [f"slot {slot}"]


def test_a_card_in_a_free_span_is_found(submit, small_range):
    job = submit(range=small_range.name, count=500)
    cancel(job)
    Card.objects.create(slot=small_range.first_slot, pan="9" * 12, expiry="2030-01-31", cvv="123")
    assert failures().keys() == {"places", "counters"}


def test_spans_that_overlap_are_found_without_their_constraint(job, small_range):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(
        "ALTER TABLE uniqueness_reservation DROP CONSTRAINT reservations_are_disjoint,"
        " DROP CONSTRAINT reservation_never_holds_more_cards_than_slots"
    )
    first = small_range.first_slot + 499
    second = Reservation.objects.create(
        issuer_range=small_range,
        span=NumericRange(first, first + 1),
        state="used",
        owner=job.id,
        issued=1,
    )
    named = [f"reservation {second.pk} (slots {first} to {first})"]
    assert failures() == {"spans": named}


@NOT_CHANGED
def test_a_number_in_two_slots_is_found_without_its_index(job, small_range):
    execute("ALTER TABLE uniqueness_ledger DROP CONSTRAINT one_card_per_pan")
    first = small_range.first_slot
    Card.objects.filter(slot=first + 9).update(pan=Card.objects.get(slot=first + 3).pan)
    found = failures()
    assert found["cards"] == [f"slot {first + 9}"]
    assert found["unique"] == [
        "the unique index over pan is missing",
        f"one pan in slots {first + 3} and {first + 9}",
    ]


_DAMAGED_PAGE = """
    SET LOCAL citus.enable_ddl_propagation = off;
    CREATE FUNCTION damaged() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
        RAISE 'invalid page in block 2 of relation "base/5/1"' USING ERRCODE = 'XX001';
    END $$
"""


@pytest.mark.parametrize(
    ("what", "statement", "check"),
    [
        ("uniqueness.proof.indexes.IN_TABLE", "SELECT damaged()", "unique"),
        ("uniqueness.proof.rows._READ", "SELECT damaged() FROM (SELECT %s, %s)", "chunks"),
    ],
)
def test_a_page_that_cannot_be_read_is_a_finding_beside_the_others(
    job, monkeypatch, what, statement, check
):
    execute(_DAMAGED_PAGE)
    Job.objects.update(produced=501, requested=501)
    monkeypatch.setattr(what, statement)
    found = failures()
    assert found.keys() == {check, "jobs"}
    assert found[check][0].startswith('not read: invalid page in block 2 of relation "base/5/1"')


@TWO_INDEXES
@pytest.mark.parametrize("column", indexes.INDEXES)
def test_counting_reads_the_index_itself(job, column):
    counting = indexes.IN_INDEX.format(column=column)
    with indexes.planned(without=indexes.THROUGH_INDEX), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {counting}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Only Scan using {indexes.INDEXES[column]}" in plan


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda: Reservation.objects.update(issued=F("issued") - 1), "counters"),
        (lambda: _step_over(7), "counters"),
        (lambda: _step_over(10_000), "counters"),
        (lambda: Job.objects.update(produced=501, requested=501), "jobs"),
        (lambda: Reservation.objects.update(sequential=True), "order"),
        (lambda: Reservation.objects.update(owner=uuid4()), "owners"),
        (lambda: Reservation.objects.all().delete(), "owners"),
    ],
)
def test_books_that_do_not_agree_are_found(job, change, check):
    change()
    assert failures().keys() == {check}


@pytest.mark.parametrize("first", [-10, 600])
def test_a_span_outside_its_range_or_past_its_cursor_is_found(job, small_range, first):
    first += small_range.first_slot
    span = NumericRange(first, first + 10)
    Reservation.objects.create(issuer_range=small_range, span=span, state="free")
    assert failures().keys() == {"cursors"}


def test_a_chunk_that_counts_wrong_is_found_with_its_job(job):
    Chunk.objects.filter(id=Chunk.objects.earliest("id").pk).update(produced=99)
    assert failures().keys() == {"chunks", "jobs"}


def test_chunks_that_share_slots_are_found(job):
    second = Chunk.objects.order_by("id")[1]
    Chunk.objects.filter(id=second.pk).update(first_slot=F("first_slot") - 1)
    found = failures()
    assert found["places"] == [f"chunk {second.pk} has slots of another chunk"]


def test_sequential_cards_outside_their_windows_are_found(submit, small_range):
    done(submit, range=small_range.name, count=20, sequential=True)
    SequentialWindow.objects.all().delete()
    assert f"slot {small_range.first_slot}" in failures()["order"]


def test_a_chunk_to_come_whose_slots_are_not_held_is_found(submit, small_range):
    job = submit(range=small_range.name, count=10)
    Reservation.objects.all().delete()
    chunk = Chunk.objects.get(job=job)
    assert failures() == {"owners": [f"chunk {chunk.pk} of job {job.id}, not minted yet"]}


@pytest.mark.parametrize("lost", [lambda: Promise.objects.all().delete(), lambda: _promise(+1)])
def test_a_promise_that_is_not_what_is_missing_is_named(submit, small_range, monkeypatch, lost):
    monkeypatch.setattr(cutting, "instalment", lambda: 100)
    job = submit(range=small_range.name, count=300)
    validate()
    lost()
    (named,) = failures()["jobs"]
    assert named.startswith(f"job {job.id}: 200 cards are not planned")


def _promise(more: int) -> None:
    Promise.objects.update(count=F("count") + more)


def test_an_excluded_number_that_is_a_card_is_found(job, small_range):
    number = Card.objects.get(slot=small_range.first_slot + 5).pan
    Exclusion.objects.create(pan=number, reason="imported", source="a test")
    assert failures() == {"excluded": [f"slot {small_range.first_slot + 5}"]}


def test_a_claimed_number_without_its_card_is_found(api, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 7, 2))
    Card.objects.filter(slot=small_range.first_slot + 7).delete()
    found = failures()
    job = Job.objects.get()
    assert found.keys() == {"claimed", "chunks"}
    assert found["claimed"] == [
        f"job {job.id} claimed the number of slot {small_range.first_slot + 7}"
    ]


def test_a_claim_in_another_jobs_name_is_found(api, job, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 700, 1))
    Exclusion.objects.filter(reason="claimed").update(owner=job.id)
    assert failures().keys() == {"claimed", "owners"}
