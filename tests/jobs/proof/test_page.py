"""The page of the five layers, and proofs that are asked for there."""

import pytest
from django.db import connection
from django.test import Client

from jobs.models import Job, ProofRun, Queue
from jobs.proof import runs
from tests.jobs.proof.proving import done
from tests.support.distributing import TWO_INDEXES
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.proofs import proven
from toolkit.rights import Role

PAGE = "/uniqueness"


@pytest.fixture
def operator(catalogue: None) -> Client:
    """A browser without JavaScript of somebody who may have a proof made."""
    client = Client()
    client.force_login(make_user("olga", role=Role.OPERATOR))
    return client


@pytest.fixture
def job(transactional_db: None, submit: Submit) -> Job:
    """A finished job, committed: a proof is made over a connection of its own, and at rest."""
    made = done(submit, count=20)
    Queue.objects.update_or_create(id=1, defaults={"paused": True, "reason": "a proof"})
    return made


@TWO_INDEXES
def test_the_page_shows_five_sound_layers_with_figures(browser: Client) -> None:
    page = browser.get(PAGE)
    assert [(layer.health, doubted) for layer, doubted in page.context["layers"]] == [
        ("sound", False)
    ] * 5
    assert "Nobody has asked for one yet" in page.content.decode()
    assert "Validate now" not in page.content.decode()


def test_a_layer_whose_constraint_is_gone_is_a_fault_that_says_what_to_do(browser: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE uniqueness_ledger DROP CONSTRAINT one_card_per_pan")
    page = browser.get(PAGE)
    assert page.context["fault"]
    assert "The database lacks one_card_per_pan. Pause the queue" in page.content.decode()


def test_a_proof_is_asked_for_once_and_made_beside(operator: Client, job: Job) -> None:
    for _ in range(2):
        assert operator.post(f"{PAGE}/prove")["Location"] == PAGE
    assert ProofRun.objects.count() == 1
    assert "It begins in a moment" in operator.get(PAGE).content.decode()

    assert proven().state == "sound"
    page = operator.get(PAGE).content.decode()
    assert "20 cards, 0 repeats." in page
    assert "Validate now" in page


def test_a_fault_turns_it_red_and_says_what_to_do(operator: Client, job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE uniqueness_ledger SET cvv = 'x'")
    operator.post(f"{PAGE}/prove")
    assert proven().state == "wrong"
    page = operator.get(PAGE)
    assert page.context["fault"]
    assert "Stop minting" in page.content.decode()
    assert "every card equals the one re-minted from its key" in page.content.decode()


def test_a_proof_whose_maker_died_is_taken_up_again(user: object) -> None:
    asked = runs.ask(user=user)
    assert runs.take() == asked
    assert runs.take() is None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_proofrun SET beat_at = beat_at - interval '61 seconds'")
    assert runs.take() == asked


def test_a_proof_that_cannot_be_made_says_why(operator: Client, job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE generation_issuerrange SET key_check_value = '000000'")
    operator.post(f"{PAGE}/prove")
    assert proven().state == "failed"
    assert "There is no result" in operator.get(PAGE).content.decode()


def test_the_last_hundred_are_kept(user: object) -> None:
    for _ in range(102):
        run = runs.ask(user=user)
        runs.finish(run, report=None, trouble="a test")
    assert ProofRun.objects.count() == 101
