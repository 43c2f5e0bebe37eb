"""All that stands in the way of a claim, a clone or a typed order is told in one answer."""

import re

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from generation.models import IssuerRange
from jobs.models import Chunk, Item, Job
from tests.support.answers import LATER, assert_problem
from tests.support.claims import URL
from tests.support.commands import run
from tests.support.quotas import limit
from tests.support.slots import pans_from, take

KEPT = (Job, Item, Chunk)


def told(answer, status: int, code: str) -> set[tuple[str, str]]:
    """Pointer and code of each error; those of the body itself have no code."""
    problem = assert_problem(answer, status, code)
    return {(error["pointer"], error.get("code", "")) for error in problem["errors"]}


def nothing_is_kept() -> bool:
    return not any(model.objects.exists() for model in KEPT)


def test_a_refused_claim_is_told_of_all_refusals(
    api: APIClient, user: User, small_range: IssuerRange
) -> None:
    limit(user, cards_per_day=1)
    body = {"range": small_range.name, "ending": "42", "count": 2, "team": "strangers"}
    body |= {"cvv": "1234", "priority": "high"}
    assert told(api.post(URL, body), 422, "invalid_order") == {
        ("/cvv", "invalid_order"),
        ("/priority", "priority_reserved"),
        ("/team", "unknown_team"),
        ("/count", "quota_exceeded"),
    }
    assert nothing_is_kept()


def test_numbers_that_are_not_to_be_had_do_not_hide_the_rest(
    api: APIClient, submit, small_range: IssuerRange
) -> None:
    body = {"range": small_range.name, "numbers": ["4242424242424242"], "team": "strangers"}
    assert told(api.post(URL, body), 409, "not_claimable") == {
        ("/numbers", "not_claimable"),
        ("/team", "unknown_team"),
    }
    assert nothing_is_kept()


@pytest.mark.parametrize("wish", [{"ending": "12345678"}, {"start": "888888"}])
def test_what_no_number_of_the_range_has_is_told_where_it_stands(
    api: APIClient, small_range: IssuerRange, wish: dict[str, str]
) -> None:
    body = {"range": small_range.name, "count": 1, "team": "strangers", **wish}
    (field,) = wish
    assert told(api.post(URL, body), 422, "invalid_order") == {
        (f"/{field}", "invalid_order"),
        ("/team", "unknown_team"),
    }


def test_what_is_wrong_in_a_claim_does_not_hide_what_would_be_refused(
    api: APIClient, user: User, small_range: IssuerRange
) -> None:
    limit(user, cards_per_day=1)
    numbers = [*pans_from(small_range, 1, 2)]
    body = {"range": small_range.name, "numbers": numbers, "cvv": "x", "odd": 1}
    assert told(api.post(URL, body), 400, "invalid_request") == {
        ("/cvv", ""),
        ("/odd", ""),
        ("/numbers", "quota_exceeded"),
    }
    assert nothing_is_kept()


def test_a_claim_of_an_unknown_range_is_told_the_rest(api: APIClient, catalogue: None) -> None:
    body = {"range": "999999-16", "ending": "42", "count": 1, "team": "strangers"}
    assert told(api.post(URL, body), 422, "unregistered_iin") == {
        ("/range", "unregistered_iin"),
        ("/team", "unknown_team"),
    }


def test_a_refused_clone_is_told_of_all_refusals(
    api: APIClient, user: User, small_range: IssuerRange
) -> None:
    job = api.post(LATER, {"range": small_range.name, "count": 600}).json()["id"]
    limit(user, cards_per_day=700, active_jobs=1)
    take(small_range, 300)
    answer = api.post(f"/api/v1/cards/jobs/{job}/clone")
    problem = assert_problem(answer, 429, "quota_exceeded")
    assert sorted((error["pointer"], error["code"]) for error in problem["errors"]) == [
        ("", "quota_exceeded"),
        ("", "quota_exceeded"),
        ("", "range_exhausted"),
    ]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_typed_order_is_told_all_in_one_line(small_range: IssuerRange, catalogue: None) -> None:
    limit(User.objects.create_superuser("admin"), cards_per_day=5)
    order = f"generate_cards --range {small_range.name} --count 2000 --team strangers".split()
    done = run(*order)
    assert done.returncode == 3, done.stderr
    assert re.findall(r"--\w+: ", done.stderr) == ["--team: ", "--count: ", "--count: "]
    assert "1,000 numbers left, 2,000 were asked for" in done.stderr
    wrong = run(*order, "--cvv", "x")
    assert wrong.returncode == 2, wrong.stderr
    assert re.findall(r"--\w+: ", wrong.stderr) == ["--cvv: ", "--team: ", "--count: ", "--count: "]
    lost = run(*order, "--profile", "none")
    assert lost.returncode == 2, lost.stderr
    assert re.findall(r"--\w+: ", lost.stderr)[:2] == ["--profile: ", "--team: "]
    assert (done.stderr.count("\n"), wrong.stderr.count("\n"), nothing_is_kept()) == (1, 1, True)
