"""All that stands in an order's way is told in one answer, and nothing is reserved."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from generation.models import IssuerRange, SequentialWindow
from jobs import orders
from jobs.models import Chunk, Item, Job, OrderProfile
from jobs.orders import Origin
from jobs.orders.serializers import OrderSerializer
from jobs.orders.wrong_serializers import sketch
from tests.support.answers import LATER, NOW, assert_problem
from tests.support.fixtures import an_order, register
from tests.support.keys import make_user
from tests.support.quotas import limit
from tests.support.teams import make_team
from uniqueness.models import Pool, Promise, Reservation

KEPT = (Job, Item, Chunk, Reservation, Promise, Pool, SequentialWindow)


def told(problem: dict[str, Any]) -> dict[str, str]:
    """The errors of an answer: code by pointer; those of the body itself have none."""
    return {error["pointer"]: error.get("code", "") for error in problem["errors"]}


def nothing_is_kept() -> bool:
    return not any(model.objects.exists() for model in KEPT)


@pytest.mark.parametrize("url", [NOW, LATER])
def test_a_refused_order_is_told_of_all_refusals(api: APIClient, user: User, url: str) -> None:
    limit(user, cards_per_day=5)
    body = {"scheme": "visa", "count": 900, "team": "strangers", "priority": "high", "cvv": "1234"}
    problem = assert_problem(api.post(url, body), 403, "priority_reserved")
    assert told(problem) == {
        "/priority": "priority_reserved",
        "/team": "unknown_team",
        "/count": "quota_exceeded",
        "/cvv": "invalid_order",
    }
    assert nothing_is_kept()


def test_a_quota_does_not_hide_that_the_range_is_too_small(
    api: APIClient, user: User, small_range: IssuerRange
) -> None:
    limit(user, cards_per_day=1_500)
    body = {"range": small_range.name, "count": 2_000}
    problem = assert_problem(api.post(LATER, body), 429, "quota_exceeded")
    assert problem["left"] == 1_500
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/count", "quota_exceeded"),
        ("/count", "range_exhausted"),
    ]
    assert "1,000 numbers left, 2,000 were asked for" in problem["errors"][1]["detail"]
    assert nothing_is_kept()


def test_what_is_wrong_in_the_body_does_not_hide_what_would_be_refused(
    api: APIClient, user: User, small_range: IssuerRange
) -> None:
    limit(user, cards_per_day=5)
    body = {"range": small_range.name, "count": 2_000, "label": "x" * 201, "cvv": "x", "odd": 1}
    problem = assert_problem(api.post(LATER, body), 400, "invalid_request")
    found = [(one["pointer"], one.get("code", "")) for one in problem["errors"]]
    assert sorted(found) == [
        ("/count", "quota_exceeded"),
        ("/count", "range_exhausted"),
        ("/cvv", ""),
        ("/label", ""),
        ("/odd", ""),
    ]
    assert nothing_is_kept()


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"scheme": "visa", "cuont": 5, "cvv": "x"}, {"/cuont", "/count", "/cvv"}),
        ({"count": 5, "cvv": "x"}, {"", "/cvv"}),
        ({"scheme": "visa", "range": "400000-16", "count": 5, "cvv": "x"}, {"", "/cvv"}),
        ({"items": [{"scheme": "visa", "count": 5}], "count": 5, "cvv": "x"}, {"", "/cvv"}),
        ({"items": [{"scheme": "visa", "count": 5}], "cvv": "x"}, {"/cvv"}),
        ({"scheme": "visa", "count": "ten", "cvv": "x"}, {"/count", "/cvv"}),
    ],
)
def test_what_is_missing_is_told_with_what_is_wrong(
    api: APIClient, body: dict[str, Any], pointers: set[str]
) -> None:
    problem = assert_problem(api.post(LATER, body), 400, "invalid_request")
    assert set(told(problem)) == pointers


def test_each_line_of_an_order_is_told_its_own(api: APIClient, small_range: IssuerRange) -> None:
    items = [
        {"scheme": "visa", "count": 0},
        {"scheme": "vsa", "count": 1},
        {"range": small_range.name, "count": 1_001},
        {"range": "999999-16", "count": 1},
        {"scheme": "amex", "count": 1},
        {"range": small_range.name, "count": 5},
    ]
    problem = assert_problem(api.post(LATER, {"items": items}), 400, "invalid_request")
    assert told(problem) == {
        "/items/0/count": "",
        "/items/1/scheme": "unknown_scheme",
        "/items/2/count": "range_exhausted",
        "/items/3/range": "unregistered_iin",
        "/items/4/scheme": "range_disabled",
    }
    assert nothing_is_kept()


def test_lines_that_only_together_are_too_many_are_told_so(
    api: APIClient, small_range: IssuerRange
) -> None:
    items = [{"range": small_range.name, "count": 600}] * 2
    problem = assert_problem(api.post(LATER, {"items": items}), 409, "range_exhausted")
    assert told(problem) == {"/items": "range_exhausted"}
    assert nothing_is_kept()


def test_a_registered_iin_is_named_as_the_body_names_it(
    api: APIClient, small_range: IssuerRange
) -> None:
    url = "/api/v1/cards/generate-from-bin"
    problem = assert_problem(api.post(url, {"bin": "999999", "count": 1}), 422, "unregistered_iin")
    assert told(problem) == {"/bin": "unregistered_iin"}
    body = {"iin": small_range.iin, "count": "ten", "team": "strangers"}
    problem = assert_problem(api.post(url, body), 400, "invalid_request")
    assert told(problem) == {"/count": "", "/team": "unknown_team"}


@pytest.mark.parametrize(
    ("vendor", "code"), [("vsa", "unknown_scheme"), ("amex", "range_disabled")]
)
def test_the_old_way_is_told_in_its_own_names(api: APIClient, vendor: str, code: str) -> None:
    answer = api.get(NOW, {"vendor": vendor, "count": 1})
    assert told(assert_problem(answer, 422, code)) == {"/vendor": code}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ordering": "sequential", "count": 1_001}, "range_exhausted"),
        ({"distinct_last_four": True, "count": 1_001}, "too_few_last_fours"),
        ({"count": 1_001}, "range_exhausted"),
    ],
)
def test_what_only_a_reservation_can_tell_is_told_and_undone(
    api: APIClient, user: User, small_range: IssuerRange, asked: dict[str, Any], code: str
) -> None:
    limit(user, cards_per_day=5)
    body = {"range": small_range.name} | asked
    problem = assert_problem(api.post(LATER, body), 429, "quota_exceeded")
    assert {one["code"] for one in problem["errors"]} == {"quota_exceeded", code}
    assert nothing_is_kept()


def test_too_large_a_share_is_told_beside_a_quota(api: APIClient, user: User, settings) -> None:
    settings.CARDGEN_RANGE_SHARE = 10
    roomy = register(iin="99999902", pan_length=14)
    limit(user, cards_per_day=5)
    problem = assert_problem(
        api.post(LATER, {"range": roomy.name, "count": 10_001}), 429, "quota_exceeded"
    )
    assert {one["code"] for one in problem["errors"]} == {"quota_exceeded", "beyond_share"}
    assert nothing_is_kept()


def test_what_does_not_go_together_is_told_with_the_rest(api: APIClient, user: User) -> None:
    limit(user, cards_per_day=5)
    body = {"scheme": "visa", "count": 20_000, "distinct_last_four": True, "defect": "non_digit"}
    body |= {"fields": ["track1"], "ordering": "sequential"}
    problem = assert_problem(api.post(LATER, body), 429, "quota_exceeded")
    found = {(one["pointer"], one["code"]) for one in problem["errors"]}
    assert found == {
        ("/count", "quota_exceeded"),
        ("/count", "invalid_order"),
        ("/distinct_last_four", "invalid_order"),
        ("/fields", "field_impossible"),
    }


def test_a_limit_of_jobs_is_about_no_field(api: APIClient, user: User) -> None:
    limit(user, active_jobs=1)
    body = {"scheme": "visa", "count": 5}
    assert api.post(LATER, body).status_code == 202
    problem = assert_problem(api.post(LATER, body), 429, "quota_exceeded")
    assert told(problem) == {"": "quota_exceeded"}


def test_a_refusal_that_is_not_about_the_order_has_no_errors(api: APIClient, user: User) -> None:
    headers = {"HTTP_IDEMPOTENCY_KEY": "once"}
    assert api.post(LATER, {"scheme": "visa", "count": 5}, **headers).status_code == 202
    limit(user, cards_per_day=5)
    answer = api.post(LATER, {"scheme": "visa", "count": 6}, **headers)
    assert "errors" not in assert_problem(answer, 422, "idempotency_key_reused")


def test_an_order_that_surely_fits_is_not_reserved_to_look(user: User, catalogue: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert orders.obstacles_to(an_order(count=1_000), origin=Origin(owner=user)) == []
    assert not [query for query in seen if "advisory" in query["sql"]]


@pytest.mark.parametrize(
    "body",
    [[], {}, {"items": "many"}, {"items": [7, None]}, {"items": []}, {"count": None}, "x", 7],
)
def test_of_any_body_there_is_a_sketch(body: object) -> None:
    serializer = OrderSerializer(data=body)
    assert not serializer.is_valid()
    assert sketch(serializer).count == 0


@pytest.mark.parametrize("profile", ["nothing", 99, True, "4929123456781236"])
def test_a_profile_that_there_is_not_hides_no_refusal(
    api: APIClient, user: User, profile: object
) -> None:
    limit(user, cards_per_day=5)
    body = {"profile": profile, "scheme": "visa", "count": 900, "team": "strangers"}
    problem = assert_problem(api.post(LATER, body), 422, "unknown_profile")
    assert told(problem) == {
        "/profile": "unknown_profile",
        "/team": "unknown_team",
        "/count": "quota_exceeded",
    }
    assert nothing_is_kept()


def test_what_is_wrong_beside_a_profile_that_there_is_not_is_told(api: APIClient) -> None:
    body = {"profile": "nothing", "cvv": "x", "label": "x" * 201, "odd": 1, "team": "strangers"}
    problem = assert_problem(api.post(LATER, body), 400, "invalid_request")
    assert told(problem) == {
        "/profile": "unknown_profile",
        "/team": "unknown_team",
        "/cvv": "",
        "/label": "",
        "/odd": "",
    }
    assert nothing_is_kept()


def test_what_the_profile_would_have_had_is_not_missed(api: APIClient) -> None:
    problem = assert_problem(api.post(LATER, {"profile": "nothing"}), 422, "unknown_profile")
    assert told(problem) == {"/profile": "unknown_profile"}


def test_a_name_of_several_profiles_hides_no_refusal(
    api: APIClient, user: User, other_user: User
) -> None:
    for at, owner in enumerate([other_user, make_user("ann")]):
        team = make_team(f"team{at}", user, owner)
        OrderProfile.objects.create(owner=owner, team=team, place=0, name="smoke", body={})
    problem = assert_problem(
        api.post(LATER, {"profile": "smoke", "team": "strangers"}), 422, "ambiguous_profile"
    )
    assert told(problem) == {"/profile": "ambiguous_profile", "/team": "unknown_team"}
