"""A proof asked for on a job's page is made by the reconciler's own process, and told there."""

from pathlib import Path

import pytest
from django.test import Client

from jobs.models import Job
from tests.support.fixtures import Submit
from tests.support.processes import reconciler
from tests.support.waiting import wait_until
from tests.support.work import mint_one_chunk
from uniqueness.models import Card

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(submit: Submit) -> Job:
    """A job whose cards are made."""
    job = submit(count=200)
    mint_one_chunk(job)
    return job


def says(browser: Client, job: Job, *texts: str) -> bool:
    page = browser.get(f"/jobs/{job.id}").content.decode()
    return all(text in page for text in texts)


def test_prove_now_is_done_by_the_reconciler_and_told_on_the_page(
    job: Job, browser: Client, tmp_path: Path
) -> None:
    browser.post(f"/jobs/{job.id}/prove")
    assert says(browser, job, "waiting", "0 % of the cards compared")
    with reconciler(tmp_path / "reconciler.log"):
        wait_until(lambda: says(browser, job, "proven", "200 cards, 0 repeats", "Prove again"))
        card = Card.objects.earliest("slot")
        Card.objects.filter(slot=card.slot).update(cvv="x")
        browser.post(f"/jobs/{job.id}/prove")
        wait_until(lambda: says(browser, job, "Something is wrong with these cards", "Prove again"))
        assert not says(browser, job, "0 repeats")
