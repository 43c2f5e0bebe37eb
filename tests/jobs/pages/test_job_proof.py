"""A job's proof on its page: asked for, made in the background, told."""

from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Job, ProofRun
from tests.support.fixtures import Submit
from tests.support.work import mint_one_chunk


def text_of(browser: Client, job: Job) -> str:
    return browser.get(f"/jobs/{job.id}").content.decode()


def test_a_job_is_proven_when_somebody_asks(browser: Client, submit: Submit):
    job = submit(count=3)
    assert "Prove now" not in text_of(browser, job)
    mint_one_chunk(job)
    assert "Prove now" in text_of(browser, job)
    assert browser.post(f"/jobs/{job.id}/prove")["Location"] == f"/jobs/{job.id}"
    assert "0 % of the cards compared" in text_of(browser, job)
    ProofRun.objects.update(finished_at="2030-01-01T14:02:00Z", report={"ok": True, "cards": 3})
    page = text_of(browser, job)
    assert "3 cards, 0 repeats" in page
    assert "Prove again" in page
    ProofRun.objects.update(report={"ok": False, "cards": 3})
    assert "Something is wrong with these cards" in text_of(browser, job)


def test_jobs_of_others_are_not_proven(browser: Client, submit: Submit, other_user: User):
    job = submit(count=1)
    Job.objects.filter(id=job.id).update(owner=other_user)
    assert browser.post(f"/jobs/{job.id}/prove").status_code == 404
    assert not ProofRun.objects.exists()
