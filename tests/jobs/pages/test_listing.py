"""The list of jobs: titles, search, folded orders, pages, at a price that does not grow."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from cardgen.access.models import ApiKey
from jobs import states
from jobs.models import Job, Status
from jobs.models.team import TeamName
from jobs.watching import folding
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.teams import make_team
from tests.support.work import mint_one_chunk
from toolkit.rights import Role

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
PAN = "4000001234567899"


def titles(browser: Client, query: str = "") -> list[str]:
    """The titles of the lines, in order."""
    page = browser.get(f"/jobs{query}").content.decode()
    lines = re.findall(r"<h3>(.*?)</h3>", page, flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", line).strip() for line in lines]


def inline(api: APIClient, count: int = 1) -> Job:
    """A small order that the API answers with its cards."""
    answer = api.post("/api/v1/cards/generate", {"scheme": "visa", "count": count}, format="json")
    assert answer.status_code == 201, answer.content
    return Job.objects.latest("created_at")


def test_a_job_without_a_label_is_named_by_what_was_ordered(browser: Client, submit: Submit):
    submit(count=2)
    submit(count=3, defect="luhn")
    submit(count=4, label="checkout")
    assert titles(browser) == ["checkout", "3 Visa · luhn", "2 Visa"]


def test_a_title_names_the_api_key(browser: Client, api: APIClient):
    job = inline(api)
    assert titles(browser) == ["1 Visa · key test"]
    assert "1 Visa · key test" in browser.get(f"/jobs/{job.id}").content.decode()


def test_small_orders_of_a_key_are_one_line_for_each_hour(browser: Client, api: APIClient):
    orders = [inline(api, count=2) for _ in range(5)]
    for order, at in zip(orders, (0, 10, 59, 60, 61), strict=True):
        Job.objects.filter(id=order.id).update(created_at=NOON + timedelta(minutes=at))
    assert titles(browser) == ["2 small orders · key test", "3 small orders · key test"]
    page = browser.get("/jobs").content.decode()
    opened = re.findall(r'href="/jobs(\?key=[^"]+)"', page)[1].replace("&amp;", "&")
    assert titles(browser, opened) == ["2 Visa · key test"] * 3


def test_large_orders_failed_ones_and_those_of_people_are_never_folded(
    browser: Client, api: APIClient, submit: Submit
):
    key = ApiKey.objects.get()
    for job in (submit(count=1), submit(count=1001), submit(count=2), submit(count=3)):
        mint_one_chunk(job)
        if job.requested > 1:
            Job.objects.filter(id=job.id).update(api_key_id=key.pk)
    failed = submit(count=4)
    states.move(failed.id, to=Status.FAILED, error_code="a_test", error="It broke.")
    Job.objects.filter(id=failed.id).update(api_key_id=key.pk)
    assert titles(browser) == [
        *("4 Visa · key test", "2 small orders · key test", "1,001 Visa · key test", "1 Visa")
    ]


@pytest.mark.parametrize("grouped", [5, 10_000])
def test_each_entry_stands_on_one_page(
    browser: Client,
    api: APIClient,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    grouped: int,
):
    monkeypatch.setattr(folding, "_GROUPED", grouped)
    key = ApiKey.objects.get()
    for hour in range(13):
        at = NOON + timedelta(hours=hour)
        for job in (submit(count=1), submit(count=1), submit(count=7, label=f"job {hour:02}")):
            if job.requested == 1:
                mint_one_chunk(job)
                Job.objects.filter(id=job.id).update(api_key_id=key.pk)
            Job.objects.filter(id=job.id).update(created_at=at)
    seen, query = [], ""
    while True:
        page = browser.get(f"/jobs{query}").content.decode()
        seen += re.findall(r'data-(?:fold|job)="([^"]+)"', page)
        older = re.search(r'href="(\?after=[^"]+)"', page)
        if older is None:
            break
        query = older[1]
    assert len(seen) == len(set(seen)) == 26


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=CHECK", ["checkout"]),
        ("?status=paused", ["checkout"]),
        ("?scheme=mastercard", ["1 Mastercard"]),
        ("?scheme=mastercard&status=paused", []),
        ("?whose=mine", ["1 Mastercard", "checkout"]),
    ],
)
def test_the_address_says_what_is_searched(
    browser: Client, submit: Submit, query: str, found: list[str]
):
    states.move(submit(label="checkout").id, to=Status.PAUSED)
    submit(scheme="mastercard", count=1)
    assert titles(browser, query) == found


def test_the_beginning_of_an_id_finds_the_job(browser: Client, submit: Submit):
    job = submit(count=2)
    submit(count=3)
    assert titles(browser, f"?q={job.id.hex[:8]}") == ["2 Visa"]
    assert titles(browser, f"?q={job.id}") == ["2 Visa"]


def test_only_who_sees_all_jobs_finds_those_of_others(browser: Client, submit: Submit):
    Job.objects.filter(id=submit(count=2).id).update(owner=make_user("colleague"))
    assert titles(browser) == []
    assert titles(browser, "?owner=colleague") == []
    assert browser.get("/jobs?whose=all").status_code == 400
    operator = Client()
    operator.force_login(make_user("operator", role=Role.OPERATOR))
    assert titles(operator, "?whose=all") == titles(operator, "?owner=colleague") == ["2 Visa"]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("status=succeded", "Succeeded"),
        ("scheme=mastercrd", "Mastercard"),
        ("whose=team:chekout", "checkout"),
        ("owner=operater", "operator"),
    ],
)
@pytest.mark.django_db
def test_a_name_that_is_not_there_is_told_with_the_one_meant(query: str, meant: str):
    operator = make_user("operator", role=Role.OPERATOR)
    make_team("checkout", operator)
    browser = Client()
    browser.force_login(operator)
    answer = browser.get(f"/jobs?{query}")
    assert answer.status_code == 400
    assert f"Did you mean {meant}?" in answer.content.decode()


def test_a_team_that_is_called_otherwise_now_is_told(browser: Client, user: User):
    TeamName.objects.create(name="till", team=make_team("checkout", user))
    told = browser.get("/jobs?whose=team:till").content.decode()
    assert "The team till is called checkout now" in told


@pytest.mark.parametrize("query", ["status=odd", "key=x", "hour=noon", "whose=team:x"])
def test_a_filter_that_there_is_not_finds_nothing_and_says_so(
    browser: Client, submit: Submit, query: str
):
    submit()
    answer = browser.get(f"/jobs?{query}")
    assert answer.status_code == 400
    assert b'role="alert"' in answer.content
    assert titles(browser, f"?{query}") == []


@pytest.mark.parametrize("written", [PAN, "4000 0012 3456 7899"])
def test_a_card_number_is_no_search(browser: Client, written: str):
    answer = browser.get(f"/jobs?q={quote(written)}")
    assert answer.status_code == 400
    assert b"looks like a card number" in answer.content


def test_the_list_costs_as_many_queries_with_many_jobs_as_with_one(
    browser: Client,
    api: APIClient,
    submit: Submit,
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    inline(api)
    inline(api)
    for _ in range(8):
        submit(count=1)
    with django_assert_max_num_queries(14):
        browser.get("/jobs")


def test_the_row_of_a_small_order_is_that_of_its_hour(
    browser: Client, api: APIClient, submit: Submit
):
    inline(api)
    job = inline(api)
    assert "2 small orders" in browser.get(f"/jobs/{job.id}/row").content.decode()
    assert "2 Visa" in browser.get(f"/jobs/{submit(count=2).id}/row").content.decode()


def test_a_stranger_sees_no_name_of_a_key(browser: Client, api: APIClient, user: User):
    inline(api)
    other = Client()
    other.force_login(make_user("other"))
    assert "key test" not in other.get("/jobs").content.decode()
