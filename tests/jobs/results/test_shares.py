"""Shares of a job: disjoint, complete and as large, in every form."""

from dataclasses import replace

import pytest

from jobs import results, upkeep
from jobs.models import Job
from jobs.orders import ItemOrder
from jobs.results import FORMS
from jobs.results.room import Room, TooManyRows
from jobs.results.selections import Selection, Share, selected
from jobs.results.text_forms import TEXT_FORMS
from tests.jobs.results.finished import pans, run, url
from tests.support.answers import assert_problem, body_of

MANY = [1, 2, 3, 7, 64, 249, 250, 251, 1_000]


@pytest.fixture
def finished(submit, settings) -> Job:
    return run(submit, settings)


def shared(job: Job, share: Share):
    return selected(job, Selection(share=share))


def size(job: Job, share: Share) -> int:
    return Selection(share=share).size(job)


@pytest.mark.parametrize("of", MANY)
def test_all_shares_together_are_the_job_and_as_large_as_each_other(finished, of):
    shares = [Share(number=number, of=of) for number in range(1, of + 1)]
    found = [pans(shared(finished, share)) for share in shares]
    assert [pan for some in found for pan in some] == pans(results.blocks(finished))
    assert [len(some) for some in found] == [size(finished, share) for share in shares]
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.parametrize(
    "order",
    [
        {"distinct_last_four": True},
        {"sequential": True},
        {"items": [ItemOrder(scheme="visa", count=120), ItemOrder(scheme="mastercard", count=130)]},
        {"defect": "luhn"},
    ],
    ids=str,
)
def test_any_order_can_be_shared(submit, settings, order):
    job = run(submit, settings, **order)
    found = [pans(shared(job, Share(number=n, of=9))) for n in range(1, 10)]
    assert [pan for some in found for pan in some] == pans(results.blocks(job))


@pytest.mark.parametrize("form", sorted(TEXT_FORMS))
def test_a_share_is_a_whole_file_of_its_form(api, finished, form):
    whole = body_of(api.get(url(finished, f"format={form}&shard=1/1")))
    assert whole == body_of(api.get(url(finished, f"format={form}")))
    assert body_of(api.get(url(finished, f"format={form}&shard=2/3"))) != whole


def test_lines_of_the_shares_are_the_lines_of_the_file(api, finished):
    files = [body_of(api.get(url(finished, f"format=csv&shard={n}/4"))) for n in range(1, 5)]
    head, *lines = body_of(api.get(url(finished, "format=csv"))).splitlines()
    assert {file.splitlines()[0] for file in files} == {head}
    assert [line for file in files for line in file.splitlines()[1:]] == lines


def test_a_share_has_a_name_and_a_tag_of_its_own_and_no_parts(api, finished):
    one, two = (api.get(url(finished, f"format=csv&shard={n}/2")) for n in (1, 2))
    assert one["ETag"] != two["ETag"]
    assert f"cardgen-{finished.id}.1-of-2.csv" in one["Content-Disposition"]
    part = api.get(url(finished, "format=csv&shard=1/2"), HTTP_RANGE="bytes=5-9")
    assert (part.status_code, part["Accept-Ranges"]) == (200, "none")
    assert body_of(part) == body_of(one)


def test_pages_of_a_share_end_where_it_ends(api, finished):
    found, page = [], url(finished, "shard=2/3&limit=30")
    while page:
        body = api.get(page).json()
        found += [card["pan"].encode() for card in body["results"]]
        page = body["next"]
    assert found == pans(shared(finished, Share(number=2, of=3)))


def test_a_cursor_before_the_share_does_not_widen_it(api, finished):
    early = api.get(url(finished, "limit=1")).json()["next"].partition("after=")[2]
    body = api.get(url(finished, f"shard=3/3&limit=1000&after={early}")).json()
    assert len(body["results"]) == size(finished, Share(number=3, of=3))


def test_a_share_without_cards_is_empty(api, finished):
    assert api.get(url(finished, "shard=1/1000")).json() == {"results": [], "next": None}
    assert body_of(api.get(url(finished, "format=csv&shard=1/1000"))).count(b"\n") == 1


def test_cards_that_are_deleted_meanwhile_are_told_so(finished):
    list(upkeep.purge_cards(Job.objects.get()))
    with pytest.raises(results.CardsPurged):
        shared(finished, Share(number=2, of=3))


@pytest.mark.parametrize(
    "shard", ["0/2", "3/2", "1/0", "1", "1/2/3", "-1/2", "01/2", "1/10000", "٣/٨"]
)
def test_what_is_no_share_is_refused(api, finished, shard):
    problem = assert_problem(api.get(url(finished, f"shard={shard}")), 400, "invalid_request")
    assert "such as 3/8" in problem["detail"]


def test_a_file_too_large_for_its_form_fits_in_the_shares_that_are_named(
    api, finished, monkeypatch
):
    form = TEXT_FORMS["gitleaks"]
    small = replace(form, room=Room(rows=100, reader="Gitleaks reads", instead=""))
    monkeypatch.setitem(FORMS, "gitleaks", small)
    problem = assert_problem(api.get(url(finished, "format=gitleaks")), 422, "too_many_rows")
    assert "shard=1/3" in problem["detail"]
    assert api.get(url(finished, "format=gitleaks&shard=1/3")).status_code == 200


def test_the_shares_that_are_named_fit_even_just():
    for rows in (101, 199, 200, 201, 999):
        with pytest.raises(TooManyRows, match=r"shard=1/") as refused:
            Room(rows=100, reader="A tool reads", instead="").check(rows=rows)
        of = int(refused.value.detail.rpartition("/")[2].rstrip("."))
        assert (
            max(size(Job(produced=rows), Share(number=n, of=of)) for n in range(1, of + 1)) <= 100
        )
