"""A ledger in shards: what it promises, and what it says of itself. Run by `make citus`."""

import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from generation.models import IssuerRange
from jobs import work
from jobs.models import Queue
from tests.jobs.proof.proving import done, failures
from tests.support.commands import run
from tests.support.distributing import SHARDS, only_distributed
from tests.support.fixtures import Submit
from uniqueness import sharding
from uniqueness.check import check
from uniqueness.models import Card, Reservation
from uniqueness.sharding import is_distributed
from uniqueness.stats.layers import Health, layers

pytestmark = [only_distributed, pytest.mark.django_db]
_GENERATE = "/api/v1/cards/generate"


def _pause() -> None:
    Queue.objects.update_or_create(id=1, defaults={"paused": True, "reason": "a proof"})


def test_the_database_says_that_it_is_distributed() -> None:
    assert is_distributed()
    assert len(sharding.on_shards("SELECT count(*) FROM %s")) == SHARDS


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(
    ("shards", "answer"), [(SHARDS, 0), (SHARDS + 1, 3), (SHARDS - 1, 3), (None, 0)]
)
def test_another_number_of_shards_is_not_taken_for_done(shards: int | None, answer: int) -> None:
    done = run("distribute_ledger", "--yes", *(["--shards", str(shards)] if shards else []))
    assert done.returncode == answer, done.stderr
    assert f"{SHARDS} shards" in (done.stderr if answer else done.stdout)


def test_the_first_layer_says_what_was_given_up() -> None:
    first, *others = layers()
    assert first.health is Health.RESTING
    assert "no index over the places is left" in first.advice
    assert {layer.health for layer in others} == {Health.SOUND}


def test_a_slot_with_two_cards_is_found(submit: Submit, small_range: IssuerRange) -> None:
    done(submit, range=small_range.name, count=100)
    slot = small_range.first_slot + 5
    Card.objects.create(slot=slot, pan="9" * 12, expiry="2030-01-31", cvv="123")
    assert failures()["unique"] == [f"one slot twice: {slot}"]


def test_a_proof_waits_until_nothing_is_made(submit: Submit, small_range: IssuerRange) -> None:
    job = submit(range=small_range.name, count=100)
    refused = run("validate_uniqueness")
    assert (refused.returncode, "Pause the queue" in refused.stderr) == (3, True)
    assert run("validate_uniqueness", "--job", str(job.id)).returncode == 3
    assert run("validate_uniqueness", "--while-minting").returncode == 0
    lease = work.lease_in(job.id)
    _pause()
    assert run("validate_uniqueness").returncode == 3
    work.execute(lease)
    assert run("validate_uniqueness").returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_proof_waits_for_what_is_half_committed() -> None:
    _pause()
    gid = "citus_99_1_1_1"  # of a coordinator that is not there: nobody ends it
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"PREPARE TRANSACTION '{gid}'")
        refused = run("validate_uniqueness")
        cursor.execute(f"ROLLBACK PREPARED '{gid}'")
    assert (refused.returncode, "not yet on every node" in refused.stderr) == (3, True)
    assert run("validate_uniqueness").returncode == 0


def test_many_numbers_are_asked_for_in_their_shards(
    submit: Submit, small_range: IssuerRange, settings: Settings
) -> None:
    settings.CARDGEN_BLOOM_FILTERS = 0
    job = done(submit, range=small_range.name, count=900)
    Reservation.objects.update(holes=None)  # the pool does not know which slots have cards
    issued = list(Card.objects.values_list("pan", flat=True))
    strange = [f"4{place:015}" for place in range(600)]
    assert len(list(sharding.by_shard([*issued, *strange]))) == SHARDS
    found = check([*issued, *strange])
    assert [one.owner for one in found] == [job.id] * 900 + [None] * 600


def test_cards_that_are_not_seen_yet_are_asked_for_again(
    api: APIClient, submit: Submit, small_range: IssuerRange
) -> None:
    job = done(submit, range=small_range.name, count=100)
    Card.objects.filter(slot=Card.objects.earliest("slot").slot).delete()
    answer = api.get(f"/api/v1/cards/jobs/{job.id}/result")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "5"


def test_a_job_that_has_ended_is_proven_while_others_go_on(
    submit: Submit, small_range: IssuerRange
) -> None:
    job = done(submit, range=small_range.name, count=100)
    submit(range=small_range.name, count=100)
    assert run("validate_uniqueness", "--job", str(job.id)).returncode == 0
