"""Exclusions over HTTP."""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIRequest
from rest_framework.request import Request
from rest_framework.test import APIClient

from tests.support.actors import entries
from tests.support.answers import assert_problem
from tests.support.claims import claim
from tests.support.exclusions import excluded, kept
from tests.support.keys import MINT, READ, create_key
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, numbers_of, text_of
from uniqueness.exclusions import api as exclusions_api

IMPORT, LIST, REMOVE = (f"/api/v1/exclusions{path}" for path in ("/import", "", "/remove"))
WHY = "the list was wrong"
CARD = "4929123456781236"


@pytest.fixture
def administrator(catalogue):
    """A client with an administrator's key of every scope."""
    client = APIClient()
    owner = User.objects.create_superuser("root")
    client.credentials(HTTP_X_API_KEY=create_key(user=owner, name="k"))
    return client


def send(client, content: bytes, *, media: str = "text/plain", query: str = ""):
    return client.post(f"{IMPORT}{query}", content, content_type=media)


@pytest.mark.parametrize(
    ("media", "content"),
    [("text/plain", OUTSIDE), ("text/plain; charset=utf-8", OUTSIDE),
     ("text/csv", f"pan,x\n{OUTSIDE},1\n"), ("application/x-ndjson", f'{{"pan": "{OUTSIDE}"}}')],
)  # fmt: skip
def test_a_file_comes_as_the_body(administrator, media, content):
    response = send(administrator, content.encode(), media=media)
    assert response.status_code == 200, response.content
    assert response.json()["new"] == 1
    assert kept(OUTSIDE).source == "API"
    assert entries().get().actor == "root"


def test_source_reason_and_dry_run_come_in_the_query(administrator):
    query = "?source=bank&reason=list+of+the+acquirer"
    tried = send(administrator, OUTSIDE.encode(), query=f"{query}&dry_run=true").json()
    assert (tried["new"], tried["dry_run"]) == (1, True)
    assert not kept(OUTSIDE)
    send(administrator, OUTSIDE.encode(), query=query)
    assert kept(OUTSIDE).source == "bank"
    assert entries().get().reason == "list of the acquirer"


def test_digits_that_are_no_card_number_may_stand_in_source_and_reason(administrator):
    words = {"source": "acquirer 2026-07-15 09:30", "reason": "contract 4500012345"}
    response = send(administrator, OUTSIDE.encode(), query=f"?{urlencode(words)}")
    assert response.status_code == 200, response.content
    assert kept(OUTSIDE).source == words["source"]
    assert entries().get().reason == words["reason"]
    (row,) = administrator.get(f"{LIST}?{urlencode({'source': words['source']})}").json()["results"]
    assert row["number"] == OUTSIDE


@pytest.mark.parametrize(
    ("content", "media", "query", "status", "code"),
    [
        (b"", "text/plain", "", 422, "nothing_to_import"),
        (b"abc\n", "text/plain", "", 422, "nothing_to_import"),
        (b"4\0", "text/plain", "", 422, "unreadable_file"),
        (b"name,x\nA,1\n", "text/csv", "", 422, "unknown_columns"),
        (b"{}", "application/json", "", 415, "unsupported_media_type"),
        (b"a=b", "application/x-www-form-urlencoded", "", 415, "unsupported_media_type"),
        (OUTSIDE.encode(), "text/plain", "?dryrun=1", 400, "invalid_request"),
        (OUTSIDE.encode(), "text/plain", "?dry_run=maybe", 400, "invalid_request"),
        (OUTSIDE.encode(), "text/plain", "?reason=short", 422, "reason_missing"),
        (OUTSIDE.encode(), "text/plain", f"?source=list+{CARD}", 422, "pan_in_url"),
        (OUTSIDE.encode(), "text/plain", "?source=a%00b", 400, "invalid_request"),
    ],
)
def test_a_bad_request_is_told_and_changes_nothing(
    administrator, content, media, query, status, code
):
    before = len(excluded())
    assert_problem(send(administrator, content, media=media, query=query), status, code)
    assert len(excluded()) == before


def test_a_strict_import_takes_all_or_nothing(administrator):
    content = text_of(OUTSIDE, "oops")
    response = send(administrator, content, query="?strict=true")
    assert_problem(response, 422, "bad_lines")
    assert [bad["line"] for bad in response.json()["invalid_lines"]] == [2]
    assert not kept(OUTSIDE)
    body = send(administrator, content).json()
    assert (body["new"], body["invalid"]) == (1, 1)


def test_doubtful_numbers_are_told(administrator):
    body = send(administrator, text_of("2026-07-15 1200", "0049 170 1234567")).json()
    assert (body["new"], body["doubtful"]) == (2, 2)
    assert [told["line"] for told in body["doubtful_lines"]] == [1, 2]


def test_the_wrong_column_is_never_taken(administrator):
    content = b"order_ref,cc_number,cvv2\n100000000001,4929123456781236,123\n"
    assert_problem(send(administrator, content, media="text/csv"), 422, "unknown_columns")
    assert "imported" not in {one.reason for one in excluded().values()}


def test_the_first_bad_lines_come_with_the_refusal(administrator):
    body = send(administrator, b"x\n123\n").json()
    assert [bad["line"] for bad in body["invalid_lines"]] == [1, 2]


def test_a_body_over_the_limit_is_refused_with_the_way_out(administrator, monkeypatch):
    monkeypatch.setattr(exclusions_api, "MOST_BYTES", 1_000)
    response = send(administrator, text_of(*[OUTSIDE] * 100))
    assert_problem(response, 413, "too_large")
    assert "cardgen import_exclusions" in response.json()["detail"]
    assert not kept(OUTSIDE)


def test_a_body_of_unannounced_length_is_read_no_further_than_the_limit(monkeypatch):
    monkeypatch.setattr(exclusions_api, "MOST_BYTES", 1_000)
    stream = BytesIO(b"4" * 2_000)
    request = WSGIRequest({"wsgi.input": stream, "REQUEST_METHOD": "POST"})
    request._stream = stream  # as under ASGI, where the header does not count
    body = exclusions_api.Body(Request(request))
    assert len(body.read(900)) == 900
    with pytest.raises(exclusions_api.TooLarge):
        body.read(900)


@pytest.mark.parametrize("url", [IMPORT, REMOVE])
def test_only_administrators_import_and_remove(api, url):
    assert_problem(api.post(url, {}), 403, "forbidden")


def test_an_administrators_key_needs_the_scope(catalogue):
    client = APIClient()
    key = create_key(user=User.objects.create_superuser("r"), name="k", scopes=(*READ, *MINT))
    client.credentials(HTTP_X_API_KEY=key)
    assert_problem(send(client, OUTSIDE.encode()), 403, "forbidden")
    assert "*" in client.get(LIST).json()["results"][0]["number"]
    assert_problem(client.get(f"{LIST}?reason=imported"), 403, "forbidden")


def test_others_than_administrators_see_the_iin_alone(administrator, api):
    whole = administrator.get(LIST).json()["results"]
    masked = api.get(LIST).json()["results"]
    assert all(row["number"].isdigit() for row in whole)
    assert [row["number"] for row in masked] == [
        row["number"][:6] + "*" * len(row["number"][6:]) for row in whole
    ]
    assert [row["source"] for row in whole] == [row["source"] for row in masked]


def test_who_claimed_a_number_is_told_to_its_owner_and_administrators(
    administrator, api, other_user, small_range
):
    claim(api, small_range, numbers=numbers_of(small_range, 3))
    url = f"{LIST}?reason=claimed"
    other = APIClient()
    other.credentials(HTTP_X_API_KEY=create_key(user=other_user, name="k"))
    assert other.get(url).json()["results"] == []
    for client in (api, administrator):
        (row,) = client.get(url).json()["results"]
        assert (row["claimed_by"], row["source"]) == ("tester", "claimed by hand")


def test_pages_follow_each_other_and_no_url_holds_a_number(administrator):
    seen, url = [], f"{LIST}?limit=200"
    while url:
        body = administrator.get(url).json()
        seen += [row["number"] for row in body["results"]]
        url = body["next"]
        assert not url or not any(number in url for number in seen)
    assert seen == sorted(excluded())


def test_the_list_is_filtered_by_reason_and_source(administrator, small_range):
    bring_in(text_of(*numbers_of(small_range, 1)), source="bank")
    bring_in(text_of(OUTSIDE), source="other")
    rows = administrator.get(f"{LIST}?reason=imported").json()["results"]
    assert {row["source"] for row in rows} == {"bank", "other"}
    (row,) = administrator.get(f"{LIST}?source=bank").json()["results"]
    assert (row["range"], row["reason"]) == (small_range.name, "imported")


@pytest.mark.parametrize("number", [None, OUTSIDE])
def test_a_source_that_is_not_there_is_told_with_the_one_meant(
    administrator, api, small_range, number
):
    bring_in(text_of(number or numbers_of(small_range, 1)[0]), source="acquirer")
    told = assert_problem(administrator.get(f"{LIST}?source=aquirer"), 400, "invalid_request")
    assert told["errors"][0]["pointer"] == "/source"
    assert told["detail"].endswith("Did you mean acquirer?")
    told = assert_problem(api.get(f"{LIST}?source=acquirer"), 400, "invalid_request")
    assert "acquirer" not in told["detail"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("after=x", 422, "invalid_cursor"),
        ("after=%C3%A4", 422, "invalid_cursor"),
        (f"source={CARD}", 422, "pan_in_url"),
        ("reason=none", 400, "invalid_request"),
        ("limit=0", 400, "invalid_request"),
        ("page=2", 400, "invalid_request"),
    ],
)
def test_a_bad_query_is_told(api, query, status, code):
    assert_problem(api.get(f"{LIST}?{query}"), status, code)


def test_a_page_costs_few_queries(api, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        api.get(f"{LIST}?limit=500")


def test_removal_says_what_became_of_each(administrator, small_range):
    bring_in(text_of(OUTSIDE, *numbers_of(small_range, 3)))
    body = {"numbers": [OUTSIDE, *numbers_of(small_range, 3, 4)], "reason": WHY}
    done = administrator.post(REMOVE, body).json()
    assert done == {
        "removed": 2, "free": 1, "passed": 0, "outside": 1, "not_excluded": 1, "dry_run": False
    }  # fmt: skip


def test_a_source_is_removed_whole(administrator, small_range):
    bring_in(text_of(*numbers_of(small_range, 3, 4)), source="bank")
    tried = administrator.post(REMOVE, {"source": "bank", "reason": WHY, "dry_run": True}).json()
    assert (tried["removed"], tried["dry_run"]) == (2, True)
    assert administrator.post(REMOVE, {"source": "bank", "reason": WHY}).json() == tried | {
        "dry_run": False
    }
    assert "bank" not in {one.source for one in excluded().values()}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"numbers": ["4111111111111111"], "reason": WHY}, 422, "published_stays"),
        ({"numbers": [OUTSIDE], "reason": "because"}, 422, "reason_missing"),
        ({"numbers": [OUTSIDE]}, 400, "invalid_request"),
        ({"numbers": [OUTSIDE], "reason": f"not {CARD}"}, 422, "pan_in_reason"),
        ({"numbers": [], "reason": WHY}, 400, "invalid_request"),
        ({"reason": WHY}, 400, "invalid_request"),
        ({"numbers": [OUTSIDE], "source": "x", "reason": WHY}, 400, "invalid_request"),
        ({"numbers": ["x"], "reason": WHY}, 400, "invalid_request"),
        ({"numbers": [OUTSIDE], "reason": WHY, "force": True}, 400, "invalid_request"),
    ],
)
def test_a_removal_that_cannot_be_is_told(administrator, body, status, code):
    assert_problem(administrator.post(REMOVE, body), status, code)
