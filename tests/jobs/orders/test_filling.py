"""Orders from a profile: it fills in what the order leaves out, and is checked as any order is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from cardgen.embedded import paths
from cardgen.management.grants import grant
from generation.models import IssuerRange
from jobs.models import Job, OrderProfile
from jobs.pages.order.curl import body_of
from tests.support.answers import LATER, NOW, assert_problem
from tests.support.keys import create_key, make_user
from tests.support.teams import make_team
from toolkit.rights import Right

NAME = "checkout smoke"
SMOKE = {"scheme": "visa", "count": 20, "label": "smoke", "fields": ["pan", "cvv"]}
FROM_IT = {"profile": NAME}
ITEMS = [{"scheme": "visa", "count": 2}, {"scheme": "mastercard", "count": 1}]


def save(owner: User, name: str = NAME, *, body: dict[str, Any] = SMOKE) -> OrderProfile:
    place = OrderProfile.objects.filter(owner=owner).count()
    team = owner.teams.filter(name=body.get("team")).first()
    return OrderProfile.objects.create(owner=owner, place=place, name=name, body=body, team=team)


def ordered(api: APIClient, body: dict[str, Any], route: str = LATER) -> dict[str, Any]:
    """What the job was ordered with."""
    answer = api.post(route, body)
    assert answer.status_code in (201, 202), answer.content
    return body_of(Job.objects.get())


@pytest.mark.parametrize("route", [NOW, LATER])
def test_an_order_from_a_profile_is_the_profiles(api: APIClient, user: User, route: str) -> None:
    save(user)
    assert ordered(api, FROM_IT, route) == SMOKE


def test_cards_at_once_have_the_fields_of_the_profile(api: APIClient, user: User) -> None:
    save(user)
    cards = api.post(NOW, FROM_IT | {"count": 2}).json()["cards"]
    assert [sorted(card) for card in cards] == [["cvv", "pan"]] * 2


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ({"count": 3}, {"count": 3}),
        ({"label": "other", "cvv": "123"}, {"label": "other", "cvv": "123"}),
        ({"scheme": "mastercard"}, {"scheme": "mastercard"}),
        ({"range": "520473-16"}, {"scheme": "mastercard"}),
        ({"fields": ["pan"], "priority": "low"}, {"fields": ["pan"], "priority": "low"}),
    ],
)
def test_what_the_order_says_comes_first(
    api: APIClient, user: User, said: dict[str, Any], then: dict[str, Any]
) -> None:
    save(user)
    assert ordered(api, FROM_IT | said) == SMOKE | then


def test_lines_come_in_place_of_one_and_one_in_place_of_lines(api: APIClient, user: User) -> None:
    save(user)
    save(user, "lines", body={"items": ITEMS})
    assert ordered(api, FROM_IT | {"items": ITEMS})["items"] == ITEMS
    Job.objects.all().delete()
    answer = ordered(api, {"profile": "lines", "scheme": "visa", "count": 4})
    assert answer == {"scheme": "visa", "count": 4}


@pytest.mark.parametrize(
    "said", [{"count": 4}, {"scheme": "visa"}, {"colour": "red"}, {"label": 4 * ["x"]}]
)
def test_what_does_not_fit_the_profile_is_refused(
    api: APIClient, user: User, said: dict[str, Any]
) -> None:
    save(user, body={"items": ITEMS})
    assert_problem(api.post(LATER, FROM_IT | said), 400, "invalid_request")
    assert not Job.objects.exists()


def test_null_takes_away_what_may_be_absent(api: APIClient, user: User) -> None:
    save(user, body=SMOKE | {"cvv": "123"})
    assert ordered(api, FROM_IT | {"cvv": None}) == SMOKE


@pytest.mark.parametrize("named", ["CHECKOUT Smoke", " checkout smoke "])
def test_the_name_may_be_written_in_any_case(api: APIClient, user: User, named: str) -> None:
    save(user)
    assert ordered(api, {"profile": named}) == SMOKE


@pytest.mark.parametrize("kind", [int, str])
def test_an_id_will_do(api: APIClient, user: User, kind: type) -> None:
    assert ordered(api, {"profile": kind(save(user).pk)}) == SMOKE


@pytest.mark.parametrize(
    "named",
    [
        "",
        "other",
        "x" * 81,
        "a\0b",
        "4929123456781236",
        "99999999999",
        10**30,
        None,
        True,
        ["x"],
        {},
    ],
)
def test_what_names_no_profile_is_refused(api: APIClient, user: User, named: Any) -> None:
    save(user)
    answer = api.post(LATER, {"profile": named, "scheme": "visa", "count": 1})
    problem = assert_problem(answer, 422, "unknown_profile")
    assert "4929123456781236" not in str(problem)
    assert not Job.objects.exists()


def test_half_of_a_character_names_no_profile(api: APIClient) -> None:
    answer = api.post(NOW, r'{"profile": "\ud800"}', content_type="application/json")
    assert_problem(answer, 422, "unknown_profile")


def test_anothers_profile_is_answered_as_none_is(
    api: APIClient, user: User, other_user: User
) -> None:
    theirs = save(other_user)
    answers = [api.post(NOW, {"profile": named}).json() for named in (NAME, theirs.pk, "none")]
    assert [answer["code"] for answer in answers] == ["unknown_profile"] * 3
    assert answers[0]["detail"] == answers[1]["detail"] == answers[2]["detail"]


def test_a_member_orders_for_the_team_from_its_profile(
    api: APIClient, user: User, other_user: User
) -> None:
    team = make_team("checkout", user, other_user)
    save(other_user, body=SMOKE | {"team": "checkout"})
    ordered(api, FROM_IT)
    assert (Job.objects.get().owner, Job.objects.get().team) == (user, team)


def test_ones_own_comes_before_that_of_a_team(api: APIClient, user: User, other_user: User) -> None:
    make_team("checkout", user, other_user)
    save(other_user, body={"scheme": "mastercard", "count": 1, "team": "checkout"})
    save(user)
    assert ordered(api, FROM_IT) == SMOKE


def test_two_of_teams_are_told_apart_by_their_ids(
    api: APIClient, user: User, other_user: User
) -> None:
    third = make_user("third")
    make_team("checkout", user, other_user, third)
    body = SMOKE | {"team": "checkout"}
    theirs = [save(owner, body=body).pk for owner in (other_user, third)]
    problem = assert_problem(api.post(LATER, FROM_IT), 422, "ambiguous_profile")
    assert problem["ids"] == theirs
    assert ordered(api, {"profile": theirs[1]}) == body


def test_a_profile_whose_scheme_was_switched_off_is_refused_as_an_order_is(
    api: APIClient, user: User
) -> None:
    save(user)
    IssuerRange.objects.filter(scheme="visa").update(enabled=False)
    problem = assert_problem(api.post(LATER, FROM_IT), 422, "range_disabled")
    assert problem["detail"] == api.post(LATER, SMOKE).json()["detail"]
    assert not Job.objects.exists()


def test_a_month_that_has_passed_is_refused_as_in_an_order(api: APIClient, user: User) -> None:
    save(user, body=SMOKE | {"expiry": "2020-01"})
    problem = assert_problem(api.post(LATER, FROM_IT), 400, "invalid_request")
    assert problem["errors"][0]["pointer"] == "/expiry"
    assert ordered(api, FROM_IT | {"expiry": "2039-11"}) == SMOKE | {"expiry": "2039-11"}


def test_more_than_come_at_once_are_a_job(api: APIClient, user: User) -> None:
    save(user, body=SMOKE | {"count": 1_001})
    assert_problem(api.post(NOW, FROM_IT), 400, "invalid_request")
    assert ordered(api, FROM_IT)["count"] == 1_001


def test_a_repeat_gets_its_job_though_the_profile_is_another_now(
    api: APIClient, user: User
) -> None:
    profile = save(user)
    first = api.post(LATER, FROM_IT, HTTP_IDEMPOTENCY_KEY="k").json()
    OrderProfile.objects.update(body=SMOKE | {"count": 21})
    assert api.post(LATER, FROM_IT, HTTP_IDEMPOTENCY_KEY="k").json()["id"] == first["id"]
    profile.delete()
    assert api.post(LATER, FROM_IT, HTTP_IDEMPOTENCY_KEY="k").json()["id"] == first["id"]


def test_whose_owner_is_deleted_names_no_profile_any_more(
    api: APIClient, user: User, other_user: User
) -> None:
    make_team("checkout", user, other_user)
    save(other_user, body=SMOKE | {"team": "checkout"})
    other_user.delete()
    assert_problem(api.post(LATER, FROM_IT), 422, "unknown_profile")


def test_the_team_orders_on_when_its_owner_has_left(
    api: APIClient, user: User, other_user: User
) -> None:
    make_team("checkout", user, other_user)
    body = SMOKE | {"team": "checkout"}
    save(other_user, body=body)
    other_user.teams.clear()
    other_user.is_active = False
    other_user.save()
    assert ordered(api, FROM_IT) == body


def test_who_names_no_profile_orders_before_the_application_has_rights_to_them(
    api: APIClient, user: User
) -> None:
    """`migrate` gives rights after its last migration; the service works all the while."""
    grant(paths.APPLICATION, using="default")
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON jobs_orderprofile FROM {paths.APPLICATION}")
        cursor.execute(f"SET ROLE {paths.APPLICATION}")
        answers = [api.post(route, {"scheme": "visa", "count": 2}) for route in (NOW, LATER)]
        cursor.execute("RESET ROLE")
    assert [answer.status_code for answer in answers] == [201, 202]


def test_a_key_that_may_not_mint_orders_from_none(api: APIClient, user: User) -> None:
    save(user)
    reader = APIClient()
    reader.credentials(HTTP_X_API_KEY=create_key(user=user, name="r", scopes=[Right.JOBS]))
    assert_problem(reader.post(NOW, FROM_IT), 403, "forbidden")


def test_a_route_of_one_iin_takes_none(api: APIClient, user: User) -> None:
    save(user)
    answer = api.post("/api/v1/cards/generate-from-bin", {"iin": "400000", "count": 1} | FROM_IT)
    assert assert_problem(answer, 400, "invalid_request")["errors"][0]["pointer"] == "/profile"
