"""What the pages show, to whom, at what price."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jobs import results, states
from jobs.models import Job, Status
from jobs.templatetags.cardgen_pages import grouped
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.work import mint_one_chunk
from toolkit.rights import Role

PAGES = ("/jobs/{id}", "/jobs/{id}/row", "/jobs/{id}/outcome")


def finished(submit: Submit, **changes: object) -> Job:
    """A job with all its cards made."""
    job = submit(**changes)
    mint_one_chunk(job)
    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED
    return job


@pytest.mark.parametrize("path", ["/", "/jobs", *PAGES])
def test_nobody_sees_anything_without_signing_in(submit: Submit, path: str) -> None:
    where = path.format(id=submit().id)
    response = Client().get(where)
    assert response["Location"] == f"/login?next={where}"


@pytest.mark.parametrize("path", PAGES)
def test_another_users_job_does_not_exist(submit: Submit, other_user: User, path: str) -> None:
    client = Client()
    client.force_login(other_user)
    assert client.get(path.format(id=submit().id)).status_code == 404


def test_an_empty_dashboard_says_how_to_begin(browser: Client) -> None:
    assert "No jobs yet" in visible(browser.get("/").content)


def test_the_dashboard_lists_own_jobs_alone(
    browser: Client, submit: Submit, other_user: User
) -> None:
    submit(label="mine")
    Job.objects.filter(id=submit(label="theirs").id).update(owner=other_user)
    page = browser.get("/").content.decode()
    assert "mine" in page
    assert "theirs" not in page


def test_the_dashboard_tells_the_numbers_left(browser: Client, submit: Submit) -> None:
    before = dict(left(browser))
    submit(scheme="iso_test", count=1000)
    assert before["iso_test"] - dict(left(browser))["iso_test"] == 1000


def left(browser: Client) -> list[tuple[str, int]]:
    """The numbers left by scheme, as the dashboard has them."""
    return [(scheme.code, scheme.left) for scheme in browser.get("/").context["schemes"]]


def test_the_dashboard_costs_as_many_queries_with_many_jobs_as_with_one(
    browser: Client, submit: Submit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        submit(count=1)
    with django_assert_max_num_queries(13):
        browser.get("/")


def test_older_jobs_are_a_page_away(browser: Client, submit: Submit) -> None:
    labels = {f"job number {number:02}" for number in range(25)}
    for label in sorted(labels):
        submit(count=1, label=label)
    first = browser.get("/").content.decode()
    older = re.search(r'href="(/jobs\?after=[^"]+)"', first)
    assert older is not None
    second = browser.get(older[1]).content.decode()
    shown = [set(re.findall(r"job number \d\d", page)) for page in (first, second)]
    assert shown[0] | shown[1] == labels
    assert not shown[0] & shown[1]


def test_a_place_that_does_not_exist_is_an_empty_page(browser: Client) -> None:
    assert "No more jobs" in visible(browser.get("/jobs?after=nonsense").content)


def test_a_running_job_reloads_itself_where_there_is_no_javascript(
    browser: Client, submit: Submit
) -> None:
    page = browser.get(f"/jobs/{submit(count=10).id}").content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page
    assert '<progress class="big" data-show="bar" value="0" max="10"' in page


def test_a_finished_job_does_not_reload_and_shows_its_first_cards(
    browser: Client, submit: Submit
) -> None:
    job = finished(submit, count=25)
    page = browser.get(f"/jobs/{job.id}").content.decode()
    assert 'http-equiv="refresh"' not in page
    assert len(re.findall(r"\b\d{4} \d{4} \d{4} \d{4}\b", page)) == 20
    assert f"/api/v1/cards/jobs/{job.id}/result?format=csv" in page


def test_the_download_works_with_the_session(browser: Client, submit: Submit) -> None:
    job = finished(submit, count=12)
    response = browser.get(f"/api/v1/cards/jobs/{job.id}/result?format=csv")
    assert response.status_code == 200


def test_a_failed_job_says_why(browser: Client, submit: Submit) -> None:
    job = submit()
    states.move(job.id, to=Status.FAILED, error_code="chunk_failed", error="It <broke>.")
    page = browser.get(f"/jobs/{job.id}").content.decode()
    assert "It &lt;broke&gt;." in page
    assert "chunk_failed" in page


def test_the_promise_of_the_tier_is_shown_in_words(browser: Client, submit: Submit) -> None:
    page = browser.get(f"/jobs/{submit(scheme='iso_test').id}").content.decode()
    assert "Test IIN of ISO/IEC 7812: no issuer has it." in page


def test_pages_and_downloads_are_not_kept_by_caches(browser: Client, submit: Submit) -> None:
    response = browser.get(f"/jobs/{finished(submit).id}")
    assert "no-store" in response["Cache-Control"]


def test_no_page_needs_anything_inline_or_from_elsewhere(browser: Client, submit: Submit) -> None:
    pages = ["/", "/jobs", f"/jobs/{finished(submit).id}", "/login", "/nowhere", "/api/docs"]
    for path in pages:
        text = browser.get(path, headers={"accept": "text/html"}).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text), path


def test_an_error_page_asks_nothing_of_the_database(
    browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = browser.get("/nowhere", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "There is nothing here" in visible(response.content)


def visible(content: bytes) -> str:
    """The text of a page, without its tags."""
    return re.sub(r"<[^>]+>", " ", content.decode())


def test_the_preview_shows_numbers_whatever_fields_were_ordered(
    browser: Client, submit: Submit
) -> None:
    job = finished(submit, count=2, fields=("scheme",))
    page = browser.get(f"/jobs/{job.id}").content.decode()
    cards = results.page(job, limit=2, fields=["pan"])[0]
    assert all(grouped(card["pan"]) in page for card in cards)


def test_who_may_start_no_job_is_not_told_to(catalogue: None) -> None:
    client = Client()
    client.force_login(make_user("viv", role=Role.VIEWER))
    page = client.get("/").content.decode()
    assert "Start one here" not in page
    assert "Your role sees jobs and starts none" in page


def test_a_page_that_a_role_does_not_open_says_what_helps(catalogue: None) -> None:
    client = Client()
    client.force_login(make_user("viv", role=Role.VIEWER))
    page = client.get("/check", headers={"Accept": "text/html"})
    assert page.status_code == 403
    assert "Your role does not allow this" in page.content.decode()
    assert "an administrator can give you another" in page.content.decode()
