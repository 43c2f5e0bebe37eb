"""The buttons of a job's page: offered when they are of use, honest when they come too late."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from generation.models import IssuerRange
from jobs import control, states
from jobs.models import Chunk, Job, Status
from tests.support.actors import somebody
from tests.support.fixtures import Submit, silent
from tests.support.quotas import limit
from tests.support.work import mint_one_chunk


def offered(browser: Client, job: Job) -> set[str]:
    """The buttons that show without JavaScript."""
    page = browser.get(f"/jobs/{job.id}").content.decode()
    buttons = re.findall(r'<button[^>]*name="action"[^>]*>', page)
    return {
        found[1]
        for button in buttons
        if " hidden" not in button and (found := re.search('value="([a-z]+)"', button))
    }


def press(browser: Client, job: Job, action: str) -> str:
    """Press a button; the text of the page that comes."""
    answer = browser.post(f"/jobs/{job.id}/control", {"action": action}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def status(job: Job) -> str:
    return Job.objects.get(id=job.id).status


def test_each_state_offers_what_can_be_done_then(browser: Client, submit: Submit) -> None:
    job = submit(count=10)
    assert offered(browser, job) == {"pause", "cancel", "clone"}
    press(browser, job, "pause")
    assert status(job) == Status.PAUSED
    assert offered(browser, job) == {"resume", "cancel", "clone"}
    press(browser, job, "resume")
    assert status(job) == Status.QUEUED
    press(browser, job, "cancel")
    assert status(job) == Status.CANCELLED
    assert offered(browser, job) == {"clone"}


def test_a_failed_job_is_retried(browser: Client, submit: Submit) -> None:
    job = submit(count=10)
    states.move(job.id, to=Status.FAILED, error_code="a_test", error="It broke.")
    assert offered(browser, job) == {"retry", "clone"}
    press(browser, job, "retry")
    assert status(job) == Status.QUEUED


def test_ordering_again_leads_to_the_new_job(browser: Client, submit: Submit) -> None:
    job = submit(count=10, label="nightly")
    answer = browser.post(f"/jobs/{job.id}/control", {"action": "clone"})
    again = Job.objects.exclude(id=job.id).get()
    assert answer["Location"] == f"/jobs/{again.id}"
    assert (again.label, again.requested) == ("nightly", 10)


def test_a_button_that_comes_too_late_says_so_and_changes_nothing(
    browser: Client, submit: Submit
) -> None:
    job = submit(count=10)
    control.cancel(job, actor=somebody())
    assert "The job is cancelled and cannot be paused. It has ended." in press(
        browser, job, "pause"
    )
    assert status(job) == Status.CANCELLED


@pytest.mark.parametrize("action", ["", "explode", "__init__"])
def test_an_unknown_button_is_refused(browser: Client, submit: Submit, action: str) -> None:
    job = submit(count=10)
    assert browser.post(f"/jobs/{job.id}/control", {"action": action}).status_code == 400
    assert status(job) == Status.QUEUED


def test_other_people_s_jobs_have_no_buttons(
    browser: Client, submit: Submit, other_user: User
) -> None:
    job = submit(count=10)
    browser.force_login(other_user)
    assert browser.post(f"/jobs/{job.id}/control", {"action": "cancel"}).status_code == 404
    browser.logout()
    assert "/login" in browser.post(f"/jobs/{job.id}/control", {"action": "cancel"})["Location"]
    assert status(job) == Status.QUEUED


def test_a_button_needs_the_page_s_token(user: User, submit: Submit) -> None:
    job = submit(count=10)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(f"/jobs/{job.id}/control", {"action": "cancel"}).status_code == 403
    assert strict.get(f"/jobs/{job.id}/control").status_code == 405
    assert status(job) == Status.QUEUED


def test_failures_that_are_being_mended_are_told(browser: Client, submit: Submit) -> None:
    job = submit(count=10)
    Chunk.objects.update(attempts=2, error="the database's disk is full (SQLSTATE 53100)")
    page = browser.get(f"/jobs/{job.id}").content.decode()
    assert "failed 2 of at most 5 times: the database&#x27;s disk is full" in page
    control.resume(control.pause(job, actor=somebody()), ring=silent, actor=somebody())
    mint_one_chunk(job)
    assert "of at most" not in browser.get(f"/jobs/{job.id}").content.decode()


def test_pages_say_why_a_paused_queue_makes_no_cards(browser: Client, submit: Submit) -> None:
    job = submit(count=10)
    pages = ("/", f"/jobs/{job.id}")
    control.set_queue(paused=True, reason="a database move", actor=somebody("root"), ring=silent)
    for url in pages:
        page = browser.get(url).content.decode()
        assert "The queue is paused" in page
        assert "a database move" in page
    control.set_queue(paused=False, reason="it is done", actor=somebody("root"), ring=silent)
    assert not any("paused</strong>" in browser.get(url).content.decode() for url in pages)


def test_all_that_stands_in_the_way_of_the_same_again_is_said(
    browser: Client, user: User, submit: Submit, small_range: IssuerRange
) -> None:
    job = submit(range=small_range.name, count=600)
    limit(user, cards_per_day=700)
    page = press(browser, job, "clone")
    assert "limit is 700 cards a day" in page
    assert "400 numbers left, 600 were asked for" in page
    assert Job.objects.count() == 1
