"""A small order in one transaction leaves what the long way leaves, or nothing at all."""

import logging
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from generation.models import IssuerRange
from jobs import control, quotas
from jobs.models import Chunk, Item, Job, Status
from jobs.orders import accepting, at_once
from jobs.orders.order import Origin
from jobs.proof.proving import prove_cards
from jobs.quotas import Holder
from jobs.results import blocks, card_dicts, fields_of
from tests.support.actors import somebody
from tests.support.fixtures import an_order, register, silent
from tests.support.slots import exclude_slots
from uniqueness.models import Card, Exclusion, Reservation

URL = "/api/v1/cards/generate"
LEFT_OUT = {
    Job: {"id", "created_at", "started_at", "running_since", "progressed_at", "finished_at"}
    | {"counted_from", "counted_before", "version"},
    Item: {"id", "job_id"},
    Chunk: {"id", "job_id", "item_id", "first_slot", "end_slot", "not_before"}
    | {"backend_pid", "backend_start", "done_at"},
    Reservation: {"id", "owner", "span", "created_at"},
}


@pytest.fixture
def wide_range(catalogue: None) -> IssuerRange:
    """A range of ten million numbers."""
    return register(iin="99999902", pan_length=16)


def issue(user: User, **changes: object) -> at_once.Issued | None:
    return at_once.issue(order=an_order(**changes), origin=Origin(owner=user))


def rows_of(job: Job) -> list[dict[str, object]]:
    mine: dict[Any, dict[str, object]] = {
        Job: {"id": job.id},
        Item: {"job": job},
        Chunk: {"job": job},
        Reservation: {"owner": job.id},
    }
    return [
        {name: value for name, value in row.items() if name not in LEFT_OUT[model]}
        for model, which in mine.items()
        for row in model.objects.filter(**which).values()
    ]


@pytest.mark.parametrize("count", [1, 7, 1_000])
def test_the_same_rows_as_on_the_long_way(user, wide_range, count):
    order = {"range": wide_range.name, "count": count, "label": "x", "cvv": "123"}
    short = issue(user, **order).job
    long = accepting.generate(order=an_order(**order), origin=Origin(owner=user))
    assert (short.status, long.status) == (Status.SUCCEEDED, Status.SUCCEEDED)
    assert rows_of(short) == rows_of(long)
    times = Job.objects.filter(id=short.id, started_at__isnull=False, finished_at__isnull=False)
    assert times.filter(running_since__isnull=False, progressed_at__isnull=False).exists()
    assert all(Chunk.objects.get(job=job).done_at for job in (short, long))


def test_the_cards_answered_are_those_of_the_ledger(user, wide_range):
    exclude_slots(wide_range, 1, 2, 5)
    issued = issue(user, range=wide_range.name, count=6)
    fields = fields_of(issued.job)
    answered = card_dicts(issued.block, fields=fields)
    kept = [card for block in blocks(issued.job) for card in card_dicts(block, fields=fields)]
    assert answered == kept
    assert len({card["pan"] for card in answered}) == 6
    assert not Exclusion.objects.filter(pan__in=[card["pan"] for card in answered]).exists()
    assert prove_cards(owner=issued.job.id, progress=int).counts == {}


def test_no_number_twice_on_both_ways_by_turns(user, wide_range):
    for _ in range(5):
        issue(user, range=wide_range.name, count=3)
        accepting.generate(
            order=an_order(range=wide_range.name, count=3), origin=Origin(owner=user)
        )
    assert Card.objects.count() == 30


@pytest.mark.parametrize(
    "changes",
    [{"distinct_last_four": True}, {"sequential": True}, {"defect": "luhn"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_unusual_takes_the_long_way(user, wide_range, changes):
    assert issue(user, range=wide_range.name, **changes) is None
    assert not Job.objects.exists()
    assert not Reservation.objects.exists()


def test_a_small_range_takes_the_long_way(user, small_range):
    assert issue(user, range=small_range.name) is None


def test_while_the_queue_is_paused_nothing_is_made_and_the_stock_is_kept(user, wide_range):
    issue(user, range=wide_range.name)
    control.set_queue(paused=True, reason="a test of orders", actor=somebody("root"), ring=silent)
    assert issue(user, range=wide_range.name) is None
    assert (Job.objects.count(), Card.objects.count()) == (1, 10)
    control.set_queue(paused=False, reason="a test of orders", actor=somebody("root"), ring=silent)
    assert issue(user, range=wide_range.name) is not None
    assert Reservation.objects.filter(state="held").count() == 1


def test_an_order_past_a_quota_changes_nothing(user, wide_range):
    quotas.set_limits(
        holder=Holder(name="tester", user_id=user.pk),
        changes={"cards_per_day": 15},
        reason="a test of orders",
        actor=somebody("root"),
    )
    issue(user, range=wide_range.name)
    with pytest.raises(quotas.QuotaExceeded):
        issue(user, range=wide_range.name)
    assert (Job.objects.count(), Card.objects.count()) == (1, 10)
    assert issue(user, range=wide_range.name, count=5) is not None
    assert Reservation.objects.filter(state="held").count() == 1


def test_small_orders_count_as_large_ones_do_and_their_rows_are_not_looked_at(user, wide_range):
    for _ in range(3):
        issue(user, range=wide_range.name, count=7)
    accepting.generate(order=an_order(range=wide_range.name, count=2), origin=Origin(owner=user))
    now = quotas.usage(quotas.Orderer(user_id=user.pk))
    assert now.used[quotas.Subject.USER, quotas.Unit.CARDS] == 23
    assert now.used[quotas.Subject.USER, quotas.Unit.JOBS] == 0
    assert Job.objects.filter(owner=user, counted_from__year__gt=1970).count() == 1


def test_an_order_that_is_not_made_takes_nothing_of_a_quota(user, wide_range):
    issue(user, range=wide_range.name, count=7)
    control.set_queue(paused=True, reason="a test of orders", actor=somebody("root"), ring=silent)
    issue(user, range=wide_range.name, count=7)
    now = quotas.usage(quotas.Orderer(user_id=user.pk))
    assert now.used[quotas.Subject.USER, quotas.Unit.CARDS] == 7


def test_a_card_that_is_there_already_is_an_alarm_and_nothing_is_written(user, wide_range, caplog):
    issued = issue(user, range=wide_range.name, count=1)
    (card,) = Card.objects.all()
    Card.objects.filter(pk=card.pk).update(slot=card.slot + 1)
    order = an_order(range=wide_range.name, count=1)
    with caplog.at_level(logging.CRITICAL):
        stopped, found = at_once.generate(order=order, origin=Origin(owner=user))
    assert (stopped.status, stopped.error_code) == (Status.FAILED, "duplicate_refused")
    assert list(found) == []
    assert "unique index" in caplog.text
    assert card.pan not in caplog.text
    assert Card.objects.get() == Card(pk=card.pk + 1)
    again = issue(user, range=wide_range.name, count=1)
    assert again.block.batch.cards.slots[0] > issued.block.batch.cards.slots[0] + 1


def test_a_constraint_that_refuses_is_an_alarm_and_the_order_takes_the_long_way(
    user, wide_range, caplog
):
    issue(user, range=wide_range.name, count=1)
    next_slot = wide_range.first_slot + 1
    job = Job.objects.get()
    Chunk.objects.filter(job=job).update(first_slot=next_slot, end_slot=next_slot + 1)
    with caplog.at_level(logging.CRITICAL):
        assert issue(user, range=wide_range.name, count=1) is None
    assert "one_live_chunk_per_slot" in caplog.text
    assert issue(user, range=wide_range.name, count=1) is not None


def test_no_number_stands_in_a_statement(user, wide_range, django_assert_max_num_queries):
    issue(user, range=wide_range.name, count=1)
    with django_assert_max_num_queries(20) as captured:
        issued = issue(user, range=wide_range.name, count=1)
    pan = issued.block.batch.cards.pans[0].decode()
    assert not any(pan in query["sql"] for query in captured)


def test_two_with_one_key_make_one_job(api):
    headers = {"Idempotency-Key": "k"}
    first = api.post(URL, {"scheme": "visa", "count": 2}, headers=headers)
    again = api.post(URL, {"scheme": "visa", "count": 2}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_leaves_nothing_and_the_next_order_is_whole(user, wide_range):
    issue(user, range=wide_range.name, count=1)
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError):
        issue(user, range=wide_range.name, count=1)
    connection.close()
    assert issue(user, range=wide_range.name, count=1) is not None
    assert Card.objects.count() == Job.objects.count() == 2
    assert Reservation.objects.filter(state="held").count() == 1
