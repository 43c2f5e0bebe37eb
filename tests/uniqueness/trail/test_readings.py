"""Readings of whole numbers, of test keys and of the hash key stand in the trail."""

from io import StringIO

import pytest
from django.core.management import call_command

from jobs import work
from tests.support.actors import entries
from tests.support.answers import body_of
from tests.support.work import LONG


@pytest.fixture
def job(submit):
    job = submit(count=3)
    work.work(duration=LONG)
    return job


@pytest.mark.parametrize("query", ["format=csv", "format=ndjson", "format=json", "format=xlsx"])
def test_a_download_is_noted(api, job, query):
    answer = api.get(f"/api/v1/cards/jobs/{job.id}/result?{query}")
    if answer.streaming:
        body_of(answer)
    entry = entries().get()
    assert (entry.action, entry.subject, entry.actor) == ("download", str(job.id), "tester")
    assert entry.reason == f"{query.partition('=')[2]}, 3 cards"
    assert entry.key_id is not None


def test_what_gives_no_card_away_is_not_noted(api, job):
    page = f"/api/v1/cards/jobs/{job.id}/result?format=csv"
    etag = api.head(page)["ETag"]
    assert api.get(page, headers={"If-None-Match": etag}).status_code == 304
    assert api.get(f"{page}/sha256").status_code != 200
    assert not entries().exists()


def test_exclusions_shown_whole_are_noted(administrator, api):
    assert api.get("/api/v1/exclusions").status_code == 200
    assert not entries().exists()
    shown = administrator.get("/api/v1/exclusions?limit=7").json()["results"]
    entry = entries().get()
    assert len(shown) == 7
    assert (entry.action, entry.subject, entry.actor) == ("read_exclusions", "7 numbers", "root")


def test_test_keys_shown_are_noted(api):
    assert api.get("/api/v1/issuer-ranges/400000-16/test-keys").status_code == 200
    assert api.get("/api/v1/issuer-ranges/123456-16/test-keys").status_code == 404
    entry = entries().get()
    assert (entry.action, entry.subject) == ("read_test_keys", "400000-16")


def test_the_hash_key_written_out_is_noted(db):
    call_command("hash_numbers", "--key", stdout=StringIO())
    entry = entries().get()
    assert (entry.action, entry.via) == ("read_hash_key", "command")
