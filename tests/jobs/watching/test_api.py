"""Jobs, their status and their results over HTTP."""

import csv
import gzip
import io
import json

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from generation.fields import DEFAULT as FIELDS
from generation.models import IssuerRange
from jobs import work
from jobs.models import Job
from tests.support.answers import assert_problem, body_of
from tests.support.work import LONG
from toolkit.rights import Role
from uniqueness.models import Exclusion


@pytest.fixture
def finished(submit, settings):
    """A finished job of 250 cards in three chunks."""
    settings.CARDGEN_CHUNK_CARDS = 100
    job = submit(count=250)
    work.work(duration=LONG)
    return job


def url(job, part: str = "") -> str:
    return f"/api/v1/cards/jobs/{job.id}{part}"


def test_a_job_tells_how_far_it_is(api, submit):
    job = submit()
    before = api.get(url(job, "/status"))
    assert (before.json()["status"], before.json()["produced"]) == ("queued", 0)
    assert before["Retry-After"] == "1"
    work.work(duration=LONG)
    after = api.get(url(job, "/status"))
    assert (after.json()["status"], after.json()["produced"]) == ("succeeded", 10)
    assert "Retry-After" not in after


def test_an_unchanged_status_is_304(api, submit):
    job = submit()
    etag = api.get(url(job, "/status"))["ETag"]
    assert api.get(url(job, "/status"), HTTP_IF_NONE_MATCH=etag).status_code == 304
    work.work(duration=LONG)
    assert api.get(url(job, "/status"), HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_a_job_shows_its_items_and_links(api, finished):
    body = api.get(url(finished)).json()
    assert body["items"][0]["count"] == 250
    assert body["items"][0]["tier"] == "scheme_test"
    for link in body["links"].values():
        assert api.get(link).status_code == 200


def test_jobs_are_listed_newest_first_in_pages(api, submit):
    ids = [str(submit(count=1).id) for _ in range(5)]
    seen, following = [], "/api/v1/cards/jobs?limit=2"
    while following:
        page = api.get(following).json()
        seen += [job["id"] for job in page["results"]]
        following = page["next"]
    assert seen == ids[::-1]


def test_jobs_are_filtered_by_status(api, submit, finished):
    queued = submit(count=1)
    found = api.get("/api/v1/cards/jobs?status=queued").json()["results"]
    assert [job["id"] for job in found] == [str(queued.id)]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "status=done"])
def test_a_wrong_query_is_told_why(api, query):
    assert_problem(api.get(f"/api/v1/cards/jobs?{query}"), 400, "invalid_request")


@pytest.mark.parametrize("after", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_wrong_page_is_told_why(api, after):
    assert_problem(api.get(f"/api/v1/cards/jobs?after={after}"), 422, "invalid_cursor")


def test_a_list_costs_the_same_however_many_jobs(api, submit, django_assert_max_num_queries):
    for _ in range(6):
        submit(count=1)
    with django_assert_max_num_queries(6):
        api.get("/api/v1/cards/jobs")


@pytest.mark.parametrize("part", ["", "/status", "/result"])
def test_other_peoples_jobs_do_not_exist(api, other_user, finished, part):
    Job.objects.update(owner=other_user)
    assert_problem(api.get(url(finished, part)), 404, "not_found")
    assert api.get("/api/v1/cards/jobs").json()["results"] == []


def test_an_operator_sees_all_jobs(finished, other_user):
    other_user.groups.add(Group.objects.get(name=Role.OPERATOR))
    client = APIClient()
    client.force_login(other_user)
    assert client.get(url(finished)).status_code == 200


def test_the_result_comes_in_pages(api, finished):
    seen, following = [], url(finished, "/result?limit=70")
    while following:
        page = api.get(following).json()
        assert 0 < len(page["results"]) <= 70
        seen += page["results"]
        following = page["next"]
    assert len({card["pan"] for card in seen}) == len(seen) == 250
    assert list(seen[0]) == list(FIELDS)


def test_a_last_page_that_is_full_has_no_next(api, finished):
    page = api.get(url(finished, "/result?limit=250")).json()
    assert (len(page["results"]), page["next"]) == (250, None)


def test_all_forms_hold_the_same_cards(api, finished):
    cards = api.get(url(finished, "/result?limit=250")).json()["results"]
    text = body_of(api.get(url(finished, "/result?format=csv"))).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    as_text = [{name: str(value) for name, value in card.items()} for card in cards]
    assert text.splitlines()[0] == ",".join(FIELDS)
    assert rows == as_text
    lines = body_of(api.get(url(finished, "/result?format=ndjson"))).splitlines()
    assert [json.loads(line) for line in lines] == cards


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_gzip_is_used_when_accepted(api, finished, form):
    plain = api.get(url(finished, f"/result?format={form}"))
    packed = api.get(url(finished, f"/result?format={form}"), HTTP_ACCEPT_ENCODING="br, gzip;q=0.5")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(body_of(packed)) == body_of(plain)


def test_gzip_is_not_used_when_refused(api, finished):
    response = api.get(url(finished, "/result?format=csv"), HTTP_ACCEPT_ENCODING="gzip;q=0")
    assert "Content-Encoding" not in response


def test_a_download_has_a_file_name_and_stays_out_of_caches(api, finished):
    response = api.get(url(finished, "/result?format=csv"))
    assert response["Content-Disposition"] == f'attachment; filename="cardgen-{finished.id}.csv"'
    assert "no-store" in response["Cache-Control"]


def test_a_client_may_accept_only_the_form_it_asks_for(api, finished):
    response = api.get(url(finished, "/result?format=csv"), HTTP_ACCEPT="text/csv")
    assert response.status_code == 200
    assert body_of(response).count(b"\n") == 251


def test_a_running_job_has_no_result_yet(api, submit):
    problem = assert_problem(api.get(url(submit(), "/result")), 409, "job_unfinished")
    assert problem["job_status"] == "queued"


@pytest.mark.parametrize("after", ["x", "1", "1.x", "0.0", "99999999.5", "١.٢", "1." + "9" * 50])
def test_a_wrong_cursor_is_told_why(api, finished, after):
    response = api.get(url(finished, "/result"), {"after": after})
    assert_problem(response, 422, "invalid_cursor")


def test_a_wrong_form_is_told_why(api, finished):
    assert_problem(api.get(url(finished, "/result?format=xml")), 400, "invalid_request")


def test_a_leading_zero_survives(api, submit):
    job = submit(scheme="iso_test", count=3)
    work.work(duration=LONG)
    cards = api.get(url(job, "/result")).json()["results"]
    assert [card["pan"][:6] + str(len(card["pan"])) for card in cards] == ["00000016"] * 3


def test_a_failed_job_tells_why_and_keeps_its_cards(api, submit, small_range):
    job = submit(range=small_range.name, count=10)
    from_states(job)
    body = api.get(url(job)).json()
    assert body["error"] == {"code": "chunk_failed", "detail": "because"}
    assert api.get(url(job, "/result")).json()["results"] == []


def from_states(job) -> None:
    job.status, job.error_code, job.error = "failed", "chunk_failed", "because"
    job.save()


def test_unknown_api_routes_are_problems_too(api):
    assert_problem(api.get("/api/v1/nothing"), 404, "not_found")


def test_schemes_and_ranges_are_listed(api):
    schemes = {row["scheme"]: row for row in api.get("/api/v1/schemes").json()["results"]}
    assert schemes["visa"]["ranges"] == ["400000-16", "412345-16", "476173-16"]
    assert schemes["amex"]["cvv_length"] == 4
    ranges = {row["range"]: row for row in api.get("/api/v1/issuer-ranges").json()["results"]}
    assert ranges["400000-16"]["capacity"] == 10**9
    first = IssuerRange.objects.get(iin="400000").first_slot
    assert (
        ranges["400000-16"]["left"]
        == 10**9 - Exclusion.objects.filter(slot__range=(first, first + 10**9 - 1)).count()
    )
    assert api.get("/api/v1/cards/vendors").json() == api.get("/api/v1/schemes").json()
