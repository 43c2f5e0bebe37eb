"""An imported number may be somebody's real card: no route helps to rebuild one."""

import re

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver
from rest_framework.test import APIClient

from cardgen.urls import api as api_routes
from generation.kernel.luhn import is_valid
from tests.support.answers import assert_problem
from tests.support.claims import URL as CLAIM
from tests.support.keys import READ, create_key
from tests.support.slots import pans_from
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, numbers_of, text_of
from uniqueness.cache import tokens

CHECK = "/api/v1/cards/check"
NAMES = {"range": "400000-16", "name": "400000-16", "tier": "owned", "iin": "599999", "slug": "x"}
GUESSED = [
    guess
    for middle in range(10_000)
    if is_valid(guess := f"{OUTSIDE[:8]}{middle:04}{OUTSIDE[12:]}")
]
"""Every number with the first eight and the last four digits of the imported one."""


@pytest.fixture
def reader(user, catalogue):
    """A client that may read and nothing else."""
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=create_key(user=user, name="k", scopes=READ))
    return client


@pytest.fixture
def administrator(catalogue):
    client = APIClient()
    key = create_key(user=User.objects.create_superuser("root"), name="k")
    client.credentials(HTTP_X_API_KEY=key)
    return client


def asked(client, numbers: list[str], *, way: str) -> list[dict]:
    given = numbers
    if way == "hashes":
        column = np.array([number.encode() for number in numbers])
        given = [token.tobytes().hex() for token in tokens(column)]
    answer = client.post(CHECK, {way: given})
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [result.pop("place") for result in results] == list(range(len(numbers)))
    return results


def get_routes(routes: list, prefix: str = "/api/v1/") -> list[str]:
    """The URLs of all routes, names filled in; jobs and webhooks that nobody has are left out."""
    urls = []
    for one in routes:
        if isinstance(one, URLResolver):
            urls += get_routes(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern) and "uuid" not in str(one.pattern):
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: NAMES.get(m[1], "0"), str(one.pattern))
            urls.append(prefix + filled)
    return urls


@pytest.mark.parametrize("way", ["numbers", "hashes"])
def test_guesses_at_a_number_outside_all_ranges_are_answered_alike(reader, way):
    bring_in(text_of(OUTSIDE))
    answers = asked(reader, GUESSED, way=way)
    assert OUTSIDE in GUESSED
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["state"] == "unknown"


@pytest.mark.parametrize("way", ["numbers", "hashes"])
def test_guesses_at_a_number_of_a_range_are_answered_alike(reader, small_range, way):
    bring_in(text_of(*numbers_of(small_range, 3)))
    answers = asked(reader, pans_from(small_range, 0, 1000), way=way)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["state"] == "unissued"


def test_administrators_are_told(administrator, small_range):
    bring_in(text_of(OUTSIDE, *numbers_of(small_range, 3)))
    answers = asked(administrator, [OUTSIDE, *numbers_of(small_range, 3)], way="numbers")
    assert [answer["state"] for answer in answers] == ["excluded", "excluded"]


def test_no_route_shows_any_part_of_it_but_its_range(reader, small_range):
    inside = numbers_of(small_range, 3)[0]
    seen = [reader.get(url) for url in get_routes(api_routes)]
    assert sum(answer.status_code == 200 for answer in seen) > 10
    bring_in(text_of(OUTSIDE, inside), source="list of the acquirer")
    for url in [*get_routes(api_routes), "/api/v1/exclusions?source=list+of+the+acquirer"]:
        text = b"".join(reader.get(url)).decode("latin-1")
        for number in (OUTSIDE, inside):
            shown = re.compile(rf"{number[:6]}[0-9*•\s]{{2,9}}{number[-4:]}")
            assert number not in text, url
            assert not shown.search(text), url
        assert "acquirer" not in text, url


def test_imported_numbers_are_not_listed_for_others(reader):
    bring_in(text_of(OUTSIDE))
    assert_problem(reader.get("/api/v1/exclusions?reason=imported"), 403, "forbidden")
    rows = reader.get("/api/v1/exclusions?limit=1000").json()["results"]
    assert {row["reason"] for row in rows} == {"published"}
    assert all(set(row["number"][6:]) == {"*"} for row in rows)


def test_a_claim_does_not_say_which_number_is_imported(api, small_range):
    free, imported = numbers_of(small_range, 2, 3)
    bring_in(text_of(imported))
    refused = api.post(CLAIM, {"range": small_range.name, "numbers": [free, imported]})
    assert "places" not in assert_problem(refused, 409, "not_claimable")


def test_a_claim_with_a_number_in_the_way_answers_as_if_nothing_were_imported(api, small_range):
    order = {"range": small_range.name, "numbers": [*numbers_of(small_range, 2, 3), "123"]}
    before = api.post(CLAIM, order).json()
    bring_in(text_of(*numbers_of(small_range, 3)))
    assert api.post(CLAIM, order).json() == before
    assert before["places"] == [2]
