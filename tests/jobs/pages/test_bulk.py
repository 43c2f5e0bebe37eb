"""Many jobs at once: the chosen ones, or all that match, with what became of each."""

import re

import pytest
from django.test import Client

from jobs import states
from jobs.control import many
from jobs.models import Job, Status
from jobs.pages.listing import bulk
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.work import mint_one_chunk
from toolkit.rights import Role


def press(browser: Client, action: str, *, jobs: tuple[Job, ...] = (), **more: str) -> str:
    """Press a button under the list; the words of the page that comes."""
    form = {"action": action, "job": [str(job.id) for job in jobs], **more}
    answer = browser.post("/jobs/bulk", form)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def statuses() -> list[str]:
    return sorted(Job.objects.values_list("status", flat=True))


def test_the_chosen_jobs_are_cancelled_and_no_other(browser: Client, submit: Submit):
    chosen, other = submit(count=1), submit(count=2)
    assert "1 job cancelled" in press(browser, "cancel", jobs=(chosen,))
    assert Job.objects.get(id=other.id).status == Status.QUEUED
    assert Job.objects.get(id=chosen.id).status == Status.CANCELLED


def test_what_could_not_be_done_is_said_of_each_job(browser: Client, submit: Submit):
    done = submit(count=2)
    mint_one_chunk(done)
    said = press(browser, "cancel", jobs=(done, submit(count=3)))
    assert "1 job cancelled" in said
    assert "1 not cancelled: The job is succeeded and cannot be cancelled. It has ended." in said
    assert statuses() == [Status.CANCELLED, Status.SUCCEEDED]


def test_all_that_match_are_asked_about_first(browser: Client, submit: Submit):
    for label in ("nightly", "nightly", "mine"):
        submit(count=1, label=label)
    mint_one_chunk(submit(count=1, label="nightly"))
    said = press(browser, "cancel", all="on", q="nightly")
    assert "Cancel 2 jobs?" in said
    assert "Left as they are: 1 succeeded." in said
    assert Status.CANCELLED not in statuses()
    said = press(browser, "cancel", all="on", q="nightly", sure="on")
    assert "2 jobs cancelled" in said
    assert "Left as they are: 1 succeeded." in said
    assert statuses() == [Status.CANCELLED] * 2 + [Status.QUEUED, Status.SUCCEEDED]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("pause", Status.QUEUED, Status.PAUSED),
        ("resume", Status.PAUSED, Status.QUEUED),
        ("retry", Status.FAILED, Status.QUEUED),
    ],
)
def test_each_button_does_what_it_says(
    browser: Client, submit: Submit, action: str, before: Status, after: Status
):
    for _ in range(2):
        job = submit(count=1)
        if before != Status.QUEUED:
            states.move(job.id, to=before, error_code="a_test" if action == "retry" else "")
    assert "2 jobs" in press(browser, action, all="on", sure="on")
    assert statuses() == [after] * 2


def test_what_time_did_not_suffice_for_is_a_button_away(
    browser: Client, submit: Submit, monkeypatch: pytest.MonkeyPatch
):
    for _ in range(3):
        submit(count=1)
    monkeypatch.setattr(bulk, "_SECONDS", -1.0)
    jobs = Job.objects.all()
    first = many.each(jobs, move=lambda job: job, seconds=3600, shown=9)
    assert (first.done, first.after) == (3, None)
    ordered = list(jobs.order_by("id"))
    rest = many.each(jobs, move=lambda job: job, seconds=3600, shown=9, after=ordered[1].id)
    assert [result.job for result in rest.results] == ordered[2:]
    assert "0 jobs cancelled" in press(browser, "cancel", all="on", sure="on")


def test_jobs_of_others_are_left_alone(browser: Client, submit: Submit):
    job = submit(count=1)
    Job.objects.filter(id=job.id).update(owner=make_user("colleague"))
    press(browser, "cancel", jobs=(job,))
    press(browser, "cancel", all="on", sure="on", whose="all")
    assert statuses() == [Status.QUEUED]


def test_who_may_only_look_changes_nothing(submit: Submit):
    job, viewer = submit(count=1), Client()
    owner = make_user("viewer", role=Role.VIEWER)
    Job.objects.filter(id=job.id).update(owner=owner)
    viewer.force_login(owner)
    assert 'value="cancel"' not in viewer.get("/jobs").content.decode()
    form = {"action": "cancel", "all": "on", "sure": "on"}
    assert viewer.post("/jobs/bulk", form).status_code == 403
    assert Job.objects.get(id=job.id).status == Status.QUEUED


@pytest.mark.parametrize("form", [{"action": "clone"}, {}, {"action": "cancel", "job": "x"}])
def test_a_form_that_no_page_has_is_refused(browser: Client, form: dict[str, str]):
    assert browser.post("/jobs/bulk", form).status_code == 400


def test_filters_that_are_none_choose_no_job(browser: Client, submit: Submit):
    submit(count=1)
    assert "0 jobs cancelled" in press(browser, "cancel", all="on", sure="on", status="odd")
    assert statuses() == [Status.QUEUED]
