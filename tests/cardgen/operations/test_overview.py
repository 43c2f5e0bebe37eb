"""The overview: who works on what, what waits, what runs low; all of it from rows."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cardgen.anomalies.models import Anomaly
from cardgen.operations import figures
from generation.models import IssuerRange
from jobs import states, work
from jobs.models import Chunk, Job, Role, Status, Worker
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from toolkit.rights import Role as UserRole


def text_of(browser: Client) -> str:
    return browser.get("/overview").content.decode()


def test_it_tells_what_waits_and_that_nobody_works(browser: Client, submit: Submit):
    submit(count=10)
    page = browser.get("/overview")
    assert page.context["queue"].waiting_chunks == 1
    assert page.context["active"] == 1
    assert "No worker was heard of" in page.content.decode()


def test_a_worker_is_shown_with_the_chunk_in_its_hand(browser: Client, submit: Submit):
    job = submit(count=10)
    work.beat(Role.WORKER)
    assert "idle" in text_of(browser)
    assert work.lease_in(job.id) is not None
    page = text_of(browser)
    assert f'href="/jobs/{job.id}"' in page
    assert "minting" in page


def test_a_worker_that_says_nothing_is_stale_and_then_forgotten(browser: Client, catalogue: None):
    ago = {"host:1": 5, "host:2": 31, "host:3": 3_700}
    for name, seconds in ago.items():
        Worker.objects.create(name=name, seen_at=timezone.now() - timedelta(seconds=seconds))
    shown = {one.name: one.stale for one in browser.get("/overview").context["processes"]}
    assert shown == {"host:1": False, "host:2": True}


def test_the_rate_is_that_of_jobs_that_get_cards_now(submit: Submit):
    job, now = submit(count=20), timezone.now()
    states.move(job.id, to=Status.RUNNING)
    since = now - timedelta(seconds=2)
    Job.objects.filter(id=job.id).update(progressed_at=now, running_since=since, produced=10)
    assert figures.cards_per_second(now) == pytest.approx(5.0)
    assert figures.cards_per_second(now + timedelta(seconds=11)) == 0


def test_a_range_with_a_tenth_left_does_not_run_low(submit: Submit, small_range: IssuerRange):
    submit(range=small_range.name, count=900)
    assert figures.low_ranges([small_range]) == []
    submit(range=small_range.name, count=1)
    assert [one.left for one in figures.low_ranges([small_range])] == [99]


def test_an_emptied_cache_changes_nothing(
    browser: Client, submit: Submit, small_range: IssuerRange
):
    submit(range=small_range.name, count=950)
    cache.clear()
    page = browser.get("/overview")
    assert [one.name for one in page.context["low"]] == [small_range.name]
    assert page.context["queue"].waiting_chunks == Chunk.objects.count()


def test_anomalies_are_for_operators(browser: Client, catalogue: None):
    now = timezone.now()
    Anomaly.objects.create(rule="r", subject="s", day=now.date(), detail="d")
    assert "anomalies" not in browser.get("/overview").context
    operator = Client()
    operator.force_login(make_user("operator", role=UserRole.OPERATOR))
    assert operator.get("/overview").context["anomalies"] == 1
