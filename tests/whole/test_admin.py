"""The admin is a window: everything can be looked at, nothing touched, nothing counted in full."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from cardgen.access.models import ApiKey
from generation.models import IssuerRange
from jobs.models import Job
from tests.support.actors import entries
from tests.support.fixtures import Submit
from tests.support.keys import create_key
from tests.support.work import mint_one_chunk

APPS = {"jobs", "uniqueness", "generation", "access"}
MODELS = [model for model in admin.site._registry if model._meta.app_label in APPS]
LISTS = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in MODELS]


@pytest.fixture
def some_cards(submit: Submit) -> Job:
    """A finished job, so that every list has a row."""
    job = submit(count=5)
    mint_one_chunk(job)
    return job


@pytest.mark.parametrize("path", LISTS)
def test_every_list_opens(admin_browser: Client, some_cards: Job, path: str) -> None:
    assert admin_browser.get(path).status_code == 200


ADDABLE = {"/admin/generation/issuerrange/", "/admin/jobs/quota/", "/admin/jobs/team/"}


@pytest.mark.parametrize("path", sorted(set(LISTS) - ADDABLE))
def test_nothing_but_ranges_quotas_and_teams_can_be_added(admin_browser: Client, path: str) -> None:
    assert admin_browser.get(f"{path}add/").status_code in {403, 404}


def test_a_job_can_be_looked_at_and_not_changed_or_deleted(
    admin_browser: Client, some_cards: Job
) -> None:
    where = f"/admin/jobs/job/{some_cards.id}/"
    assert admin_browser.get(f"{where}change/").status_code == 200
    assert admin_browser.post(f"{where}change/", {"label": "changed"}).status_code == 405
    assert admin_browser.post(f"{where}delete/", {"post": "yes"}).status_code == 403


def test_the_ledger_is_never_counted_in_full(admin_browser: Client, some_cards: Job) -> None:
    with CaptureQueriesContext(connection) as queries:
        admin_browser.get("/admin/uniqueness/card/")
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 10000" in sql for sql in counts if "uniqueness_ledger" in sql)


def test_a_long_list_ends_at_the_limit(
    admin_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.admin._MOST_ROWS", 100)
    assert "100 exclusions" in admin_browser.get("/admin/uniqueness/exclusion/").content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_as_many_queries_with_many_rows_as_with_few(
    admin_browser: Client,
    submit: Submit,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
) -> None:
    for _ in range(10):
        mint_one_chunk(submit(count=1))
    with django_assert_max_num_queries(8):
        admin_browser.get(path)


def test_an_excluded_number_is_never_shown_in_full(admin_browser: Client) -> None:
    page = admin_browser.get("/admin/uniqueness/exclusion/?o=-1").content.decode()
    assert "••••" in page
    assert "4111111111111111" not in page
    assert "/change/" not in page


def test_a_key_is_revoked_and_its_digest_never_shown(admin_browser: Client, submit: Submit) -> None:
    create_key(user=submit().owner, name="lost")
    key = ApiKey.objects.get()
    admin_browser.post(
        "/admin/access/apikey/", {"action": "revoke", "_selected_action": str(key.pk)}
    )
    page = admin_browser.get(f"/admin/access/apikey/{key.pk}/change/").content.decode()
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert key.digest not in page


RANGE = {"scheme": "visa", "iin": "42345678", "pan_length": "16", "statement": "ours since 2019"}


def test_an_administrator_registers_an_owned_range(admin_client, catalogue):
    response = admin_client.post("/admin/generation/issuerrange/add/", RANGE)
    assert response.status_code == 302, response.content.decode()
    made = IssuerRange.objects.get(iin="42345678")
    assert (made.tier, made.statement) == ("owned", "ours since 2019")
    assert entries().get().actor == "admin"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"iin": "400000"}, "overlaps"),
        ({"pan_length": "15"}, "13, 16, 18, 19"),
        ({"statement": "ours"}, "at least 10 characters"),
    ],
)
def test_a_range_that_cannot_be_is_told_why_in_the_form(admin_client, catalogue, change, words):
    response = admin_client.post("/admin/generation/issuerrange/add/", RANGE | change)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not entries().exists()


def links(page: bytes) -> set[str]:
    """Where a page of the admin leads."""
    return set(re.findall(r'href="(/(?:admin|jobs)/[^"]*)"', page.decode().replace("&amp;", "&")))


def test_what_belongs_together_is_linked_both_ways(admin_browser: Client, some_cards: Job) -> None:
    job = f"/admin/jobs/job/{some_cards.id}/change/"
    found = links(admin_browser.get(job).content)
    assert f"/jobs/{some_cards.id}" in found
    for narrowed in ("jobs/chunk", "jobs/delivery", "uniqueness/reservation"):
        where = f"/admin/{narrowed}/?q={some_cards.id}"
        assert where in found
        assert admin_browser.get(where).status_code == 200
    for back in ("jobs/chunk", "uniqueness/reservation", "uniqueness/card"):
        assert job in links(admin_browser.get(f"/admin/{back}/").content)


def test_a_range_and_a_user_lead_to_what_is_theirs(admin_browser: Client, some_cards: Job) -> None:
    used = some_cards.items.get().issuer_range_id
    for row in (f"generation/issuerrange/{used}", f"auth/user/{some_cards.owner_id}"):
        page = admin_browser.get(f"/admin/{row}/change/").content
        found = [where for where in links(page) if "?" in where]
        assert len(found) >= 2
        assert {admin_browser.get(where).status_code for where in found} == {200}


def test_a_job_is_found_by_its_whole_id(admin_browser: Client, some_cards: Job) -> None:
    for asked in (str(some_cards.id), some_cards.owner.username):
        page = admin_browser.get(f"/admin/jobs/job/?q={asked}")
        assert str(some_cards.id)[:8] in page.content.decode()
