"""The page that says whose a number is, as a browser without JavaScript has it."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

from generation.fields import FIELDS
from jobs import orders, results
from jobs.models import Job
from jobs.orders import Origin
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.slots import pans_from
from tests.support.work import mint_one_chunk
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, text_of
from toolkit.rights import Role

PAGE = "/check"
FOREIGN = "4929123456789012"


@pytest.fixture
def job(submit: Submit) -> Job:
    """A finished job of three cards."""
    made = submit(count=3, label="mine")
    mint_one_chunk(made)
    made.refresh_from_db()
    return made


def pan_of(job: Job) -> str:
    """The number of the job's first card."""
    return str(results.page(job, limit=1)[0][0]["pan"])


def asked(client: Client, *numbers: str) -> str:
    """What the page answers."""
    answer = client.post(PAGE, {"numbers": "\n".join(numbers)})
    assert answer.status_code == 200
    return answer.content.decode()


def signed_in(user: User) -> Client:
    """The browser of somebody else."""
    client = Client()
    client.force_login(user)
    return client


def grouped(pan: str) -> str:
    return " ".join(pan[start : start + 4] for start in range(0, 16, 4))


def test_an_own_card_shows_its_job_and_every_field(browser: Client, job: Job) -> None:
    page = asked(browser, grouped(pan_of(job)))
    assert f'href="/jobs/{job.id}"' in page
    assert "Issued here" in page
    for name in FIELDS:
        assert f"<code>{name}</code>" in page
    assert "None: the card was not renewed" in page


def test_its_renewals_are_listed(browser: Client, job: Job, user: User) -> None:
    (renewed,) = orders.renew_cards(numbers=[pan_of(job)], origin=Origin(owner=user))
    page = asked(browser, pan_of(job))
    assert f"{renewed['expiry_month']:02}/{renewed['expiry_year']}" in page


def test_a_negative_card_shows_the_fields_that_it_has(browser: Client, submit: Submit) -> None:
    made = submit(count=1, defect="too_short")
    mint_one_chunk(made)
    page = asked(browser, pan_of(made))
    assert "<code>pan</code>" in page
    assert "<code>track2</code>" not in page


def test_somebody_elses_card_is_masked_and_nameless(job: Job, other_user: User) -> None:
    page = asked(signed_in(other_user), pan_of(job))
    assert "somebody else’s" in page
    assert "Issued here" in page
    for told in (pan_of(job), grouped(pan_of(job)), str(job.id), "mine", "<code>cvv</code>"):
        assert told not in page


def test_an_operator_sees_whose_job_it_is_and_not_the_card(job: Job) -> None:
    page = asked(signed_in(make_user("olga", role=Role.OPERATOR)), pan_of(job))
    assert f'href="/jobs/{job.id}"' in page
    assert grouped(pan_of(job)) not in page
    assert "<code>cvv</code>" not in page


def test_many_are_answered_in_a_table(browser: Client, job: Job) -> None:
    page = asked(browser, pan_of(job), "4000 0000 0000 9995", FOREIGN)
    assert "3 numbers" in page
    assert grouped(pan_of(job)) in page
    for words in ("Issued here", "Published test card", "Not ours"):
        assert words in page


def test_nothing_of_a_foreign_number_is_kept_or_shown(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = asked(browser, FOREIGN)
    assert FOREIGN not in page
    assert grouped(FOREIGN) not in page
    assert FOREIGN not in caplog.text
    assert not [value for value in browser.session.values() if FOREIGN in str(value)]


@pytest.mark.parametrize("typed", ["", " \n,", "4929x", "1" * 33])
def test_what_is_no_number_is_told_without_repeating_others(browser: Client, typed: str) -> None:
    answer = browser.post(PAGE, {"numbers": typed})
    assert answer.status_code == 422
    assert "Write" in answer.content.decode()


def test_an_imported_number_is_told_to_administrators_alone(
    browser: Client, admin_browser: Client
) -> None:
    bring_in(text_of(OUTSIDE), source="list of the acquirer")
    assert "list of the acquirer" in asked(admin_browser, OUTSIDE)
    for client in (browser, signed_in(make_user("olga", role=Role.OPERATOR))):
        page = asked(client, OUTSIDE)
        assert "Not ours" in page
        assert "acquirer" not in page


def test_a_number_of_a_range_that_was_not_issued(browser: Client, small_range: object) -> None:
    page = asked(browser, pans_from(small_range, 0, 1)[0])
    assert "Not issued yet" in page
    assert "Evidence: a test" in page
