"""Cards of a job from one on, so many: disjoint and complete as `limit` and `seek` name them."""

import re
from dataclasses import replace

import pytest

from jobs import results, upkeep
from jobs.models import Chunk, Job
from jobs.orders import ItemOrder
from jobs.results import FORMS
from jobs.results.cards import ResultChanged
from jobs.results.places import cursor_at, place_of
from jobs.results.room import Room
from jobs.results.selections import Selection, selected
from jobs.results.text_forms import TEXT_FORMS
from tests.jobs.results.finished import pans, run, url
from tests.support.answers import assert_problem, body_of
from tests.support.fixtures import FIRST_MONTH
from uniqueness.models import AuditEntry, Card

NUMBER = re.compile(rb"[0-9]{4}[0-9 \[\]?-]*[0-9]")
"""As scanners' lists write numbers, too: in groups, or as a pattern."""
ORDERS = [
    {},
    {"distinct_last_four": True},
    {"sequential": True},
    {"items": [ItemOrder(scheme="visa", count=120), ItemOrder(scheme="mastercard", count=130)]},
    {"defect": "luhn"},
    {"defect": "expired", "month": FIRST_MONTH},
]


@pytest.fixture
def finished(submit, settings) -> Job:
    return run(submit, settings)


def lines(api, job: Job, query: str) -> list[bytes]:
    response = api.get(url(job, f"format=ndjson&{query}"))
    assert response.status_code == 200, response.content
    return body_of(response).splitlines()


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("limit", [1, 7, 99, 100, 101, 250, 251])
def test_pieces_one_after_the_other_are_the_job(submit, settings, order, limit):
    job = run(submit, settings, **order)
    found = [
        pans(selected(job, Selection(seek=seek, limit=limit))) for seek in range(0, 250, limit)
    ]
    assert [pan for some in found for pan in some] == pans(results.blocks(job))
    assert {len(some) for some in found[:-1]} <= {limit}


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_place_and_its_cursor_tell_each_other(submit, settings, order):
    job = run(submit, settings, **order)
    assert [place_of(job, cursor_at(job, place)) for place in range(251)] == [*range(251)]


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_has_pieces(api, finished, form):
    whole = body_of(api.get(url(finished, f"format={form}&limit=250")))
    piece = body_of(api.get(url(finished, f"format={form}&seek=100&limit=100")))
    assert 0 < len(piece) < len(whole)
    if form in TEXT_FORMS:
        assert whole == body_of(api.get(url(finished, f"format={form}")))


@pytest.mark.parametrize("form", sorted(TEXT_FORMS))
def test_what_the_pieces_of_a_form_say_of_cards_is_what_its_file_says(api, finished, form):
    asked = f"format={form}&fields=pan"
    pieces = [
        body_of(api.get(url(finished, f"{asked}&seek={seek}&limit=90"))) for seek in (0, 90, 180)
    ]
    said = [NUMBER.findall(some) for some in pieces]
    assert said[0] + said[1] + said[2] == NUMBER.findall(body_of(api.get(url(finished, asked))))
    assert all(said)


def test_limit_and_seek_count_within_a_share(api, finished):
    share = lines(api, finished, "shard=2/3")
    assert lines(api, finished, "shard=2/3&seek=10&limit=20") == share[10:30]
    assert lines(api, finished, "shard=2/3&seek=80&limit=20") == share[80:]
    assert lines(api, finished, "shard=2/3&seek=84") == []


def test_a_file_from_a_cursor_on_has_so_many_cards(api, finished):
    after = api.get(url(finished, "limit=30")).json()["next"].partition("after=")[2]
    whole = lines(api, finished, "")
    assert lines(api, finished, f"after={after}&limit=120") == whole[30:150]
    assert lines(api, finished, f"after={after}&limit=1000") == whole[30:]
    assert lines(api, finished, f"after={after}&shard=1/5&limit=1000") == whole[30:50]


def test_a_piece_behind_the_end_is_empty(api, finished):
    assert lines(api, finished, "seek=250&limit=10") == []
    assert api.get(url(finished, "seek=250")).json() == {"results": [], "next": None}
    assert body_of(api.get(url(finished, "format=csv&seek=100000000"))).count(b"\n") == 1


def test_pages_begin_with_the_card_that_is_sought(api, finished):
    found, page = [], url(finished, "seek=95&limit=60")
    while page:
        body = api.get(page).json()
        found.append([card["pan"].encode() for card in body["results"]])
        page = body["next"]
    assert [len(some) for some in found] == [60, 60, 35]
    assert [pan for some in found for pan in some] == pans(results.blocks(finished))[95:]


def test_a_piece_has_a_name_and_a_tag_of_its_own_and_no_parts(api, finished):
    queries = ["", "&seek=10", "&limit=10", "&seek=10&limit=10", "&shard=1/2&limit=10"]
    answers = [api.get(url(finished, f"format=csv{query}")) for query in queries]
    assert len({answer["ETag"] for answer in answers}) == len(queries)
    assert f"cardgen-{finished.id}.seek-10.limit-10.csv" in answers[3]["Content-Disposition"]
    part = api.get(url(finished, "format=csv&limit=10"), HTTP_RANGE="bytes=5-9")
    assert (part.status_code, part["Accept-Ranges"]) == (200, "none")
    assert body_of(part) == body_of(answers[2])


def test_the_trail_says_how_many_cards_were_taken(api, finished):
    body_of(api.get(url(finished, "format=csv&seek=200&limit=100")))
    assert AuditEntry.objects.get(action="download").reason == "csv, 50 cards"


def test_a_file_too_large_for_its_form_fits_in_a_piece(api, finished, monkeypatch):
    small = replace(
        TEXT_FORMS["gitleaks"], room=Room(rows=100, reader="Gitleaks reads", instead="")
    )
    monkeypatch.setitem(FORMS, "gitleaks", small)
    for query in ("limit=101", "shard=1/2", "seek=1"):
        answer = api.get(url(finished, f"format=gitleaks&{query}"))
        problem = assert_problem(answer, 422, "too_many_rows")
        assert "this part of the job has" in problem["detail"]
        assert problem["detail"].endswith("fetch fewer at a time, by limit=100 and seek.")
    assert api.get(url(finished, "format=gitleaks&limit=100")).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer", "words"),
    [
        ("seek=-1", "/seek", "digits 0 to 9"),
        ("seek=100000001", "/seek", "100000000"),
        ("format=csv&limit=0", "/limit", "1"),
        ("limit=10001", "/limit", "10,000 cards at most"),
        ("seek=1&after=1.1", "/seek", "leave one of them out"),
    ],
)
def test_what_says_no_piece_is_refused(api, finished, query, pointer, words):
    problem = assert_problem(api.get(url(finished, query)), 400, "invalid_request")
    assert problem["errors"][0]["pointer"] == pointer
    assert words in problem["detail"]


def test_a_job_that_runs_has_no_pieces_yet(api, submit):
    job = submit(count=250)
    assert_problem(api.get(url(job, "format=csv&seek=1&limit=10")), 409, "job_unfinished")


def test_deleted_cards_have_no_pieces(api, finished):
    list(upkeep.purge_cards(Job.objects.get()))
    assert_problem(api.get(url(finished, "format=csv&seek=1&limit=10")), 410, "cards_purged")


def test_cards_that_go_meanwhile_are_told_so(finished):
    list(upkeep.purge_cards(Job.objects.get()))
    with pytest.raises(results.CardsPurged):
        selected(finished, Selection(seek=50, limit=100))


def test_a_piece_that_lacks_a_card_is_not_sent_as_if_it_were_whole(finished):
    found = selected(finished, Selection(seek=50, limit=30))
    chunk = Chunk.objects.order_by("id").first()
    Card.objects.filter(slot=chunk.first_slot + 60).delete()
    with pytest.raises(ResultChanged):
        pans(found)


def test_a_place_in_a_full_chunk_costs_no_card(finished, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert cursor_at(finished, 150)
    after = cursor_at(finished, 150)
    with django_assert_num_queries(2):
        assert place_of(finished, after) == 150
