"""Orders saved under a name: kept as they were sent, and seen by nobody else but a team."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from generation.models import IssuerRange
from jobs.models import LONGEST_BODY, MOST_PROFILES, Job, OrderProfile
from jobs.orders import profiles
from jobs.orders.profiles import ProfileDraft
from jobs.orders.serializers import OrderSerializer
from tests.support.answers import assert_problem
from tests.support.keys import create_key, make_user
from tests.support.teams import make_team
from tests.support.threads import at_once
from toolkit.rights import Role

ALL = "/api/v1/profiles"
SMOKE = {"scheme": "visa", "count": 20, "label": "smoke"}
PAN = "4929123456781236"


def save(client: APIClient, name: str = "checkout smoke", **order: Any) -> Any:
    return client.post(ALL, {"name": name, "order": order or SMOKE})


def at(answer: Any) -> str:
    return f"{ALL}/{answer.json()['id']}"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=create_key(user=user, name="k"))
    return client


@pytest.fixture
def stranger(other_user: User, catalogue: None) -> APIClient:
    """Another tester's key."""
    return client_of(other_user)


@pytest.fixture
def member(user: User, other_user: User, catalogue: None) -> APIClient:
    """The key of somebody in a team with `user`."""
    make_team("checkout", user, other_user)
    return client_of(other_user)


def test_one_is_saved_and_shown_as_it_was_sent(api: APIClient) -> None:
    order = SMOKE | {"expiry": {"min_months": 1, "max_months": 2}, "team": None}
    made = save(api, **order)
    assert made.status_code == 201
    assert made.json()["order"] == order
    assert (made.json()["owner"], made.json()["team"]) == ("tester", None)
    assert api.get(at(made)).json() == made.json()
    assert not Job.objects.exists()


def test_one_is_replaced_and_deleted(api: APIClient) -> None:
    made = save(api)
    other = {"name": "nightly", "order": {"range": "400000-16", "count": 3}}
    replaced = api.put(at(made), other).json()
    assert {name: replaced[name] for name in other} == other
    assert replaced["changed_at"] >= made.json()["changed_at"]
    assert api.delete(at(made)).status_code == 204
    assert_problem(api.get(at(made)), 404, "not_found")


def test_the_list_has_pages_the_newest_first(api: APIClient) -> None:
    for name in ("a", "b", "c"):
        save(api, name)
    first = api.get(ALL, {"limit": 2}).json()
    second = api.get(first["next"]).json()
    assert [one["name"] for one in first["results"] + second["results"]] == ["c", "b", "a"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({"count": 5}, "/order"),
        ({"scheme": "visa", "count": 0}, "/order/count"),
        ({"scheme": "visa", "count": 5, "colour": "red"}, "/order/colour"),
        ({"scheme": "visa", "count": 5, "expiry": "2020-01"}, "/order/expiry"),
        ({"scheme": "visa", "count": 5, "label": PAN}, "/order/label"),
        ({"scheme": "visa", "count": 5, "profile": "x"}, "/order/profile"),
        ({"scheme": "visa", "count": 5, "tell_webhooks": True}, "/order/tell_webhooks"),
        ({"scheme": " " * LONGEST_BODY + "visa", "count": 5}, "/order"),
    ],
)
def test_what_is_no_order_is_no_profile(
    api: APIClient, order: dict[str, Any], pointer: str
) -> None:
    problem = assert_problem(save(api, **order), 400, "invalid_request")
    assert problem["errors"][0]["pointer"] == pointer
    assert not OrderProfile.objects.exists()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"scheme": "vsa", "count": 5}, "unknown_scheme"),
        ({"range": "123456-16", "count": 5}, "unregistered_iin"),
        ({"scheme": "visa", "count": 5, "cvv": "1234"}, "invalid_order"),
        ({"scheme": "visa", "count": 20_000, "distinct_last_four": True}, "invalid_order"),
        ({"scheme": "visa", "count": 5, "team": "others"}, "unknown_team"),
        (
            {"scheme": "visa", "count": 5, "defect": "too_short", "fields": ["track2"]},
            "field_impossible",
        ),
    ],
)
def test_what_no_order_may_say_no_profile_may(
    api: APIClient, order: dict[str, Any], code: str
) -> None:
    assert_problem(save(api, **order), 422, code)
    assert not OrderProfile.objects.exists()


def test_a_priority_that_one_may_not_order_with_is_not_saved(api: APIClient) -> None:
    assert_problem(save(api, **SMOKE, priority="high"), 403, "priority_reserved")


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "42", "a\0b", "a\nb", "a\u202eb", PAN, None])
def test_what_is_no_name_is_refused(api: APIClient, name: Any) -> None:
    answer = api.post(ALL, {"name": name, "order": SMOKE})
    problem = assert_problem(answer, 400, "invalid_request")
    assert problem["errors"][0]["pointer"] == "/name"
    assert PAN not in answer.content.decode()


def test_a_name_is_taken_in_any_case_and_by_its_owner_alone(
    api: APIClient, stranger: APIClient
) -> None:
    made, second = save(api, "Café smoke"), save(api, "second")
    assert_problem(save(api, " CAFÉ Smoke "), 409, "profile_exists")
    assert_problem(save(api, "cafe\u0301 smoke"), 409, "profile_exists")
    taken = api.put(at(second), {"name": "café smoke", "order": SMOKE})
    assert_problem(taken, 409, "profile_exists")
    assert api.put(at(made), {"name": "CAFÉ SMOKE", "order": SMOKE}).status_code == 200
    assert save(stranger, "Café smoke").status_code == 201


def test_a_hundred_are_enough_and_a_deleted_one_makes_room(api: APIClient, user: User) -> None:
    OrderProfile.objects.bulk_create(
        OrderProfile(owner=user, place=place, name=f"p{place}", body=SMOKE)
        for place in range(MOST_PROFILES)
    )
    assert assert_problem(save(api), 409, "too_many_profiles")["most"] == MOST_PROFILES
    assert api.delete(f"{ALL}/{OrderProfile.objects.get(place=57).pk}").status_code == 204
    assert save(api).status_code == 201
    assert OrderProfile.objects.get(name="checkout smoke").place == 57


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": MOST_PROFILES},
        {"place": 0},
        {"name": "CHECKOUT SMOKE"},
        {"name": ""},
        {"name": " x"},
        {"name": "x\n"},
        {"name": "42"},
        {"body": {"label": "x" * LONGEST_BODY}},
    ],
)
def test_the_database_refuses_what_the_service_would(
    api: APIClient, user: User, wrong: dict[str, Any]
) -> None:
    save(api)
    row = {"owner": user, "place": 1, "name": "other", "body": SMOKE}
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderProfile.objects.create(**row | wrong)
    OrderProfile.objects.create(**row)


@pytest.mark.parametrize("role", ["tester", "administrator"])
def test_another_users_key_is_told_of_none(
    api: APIClient, stranger: APIClient, administrator: APIClient, role: str
) -> None:
    made = save(api)
    other = stranger if role == "tester" else administrator
    change = {"name": "x", "order": SMOKE}
    answers = [other.get(at(made)), other.put(at(made), change), other.delete(at(made))]
    for answer in answers:
        assert_problem(answer, 404, "not_found")
    assert other.get(ALL).json()["results"] == []
    assert api.get(at(made)).json() == made.json()


def test_members_of_the_team_it_is_for_see_it_and_leave_it_as_it_is(
    api: APIClient, member: APIClient
) -> None:
    made = save(api, **SMOKE, team="checkout")
    assert made.json()["team"] == "checkout"
    assert [one["name"] for one in member.get(ALL).json()["results"]] == ["checkout smoke"]
    assert member.get(at(made)).json() == made.json()
    change = {"name": "x", "order": SMOKE}
    for answer in (member.put(at(made), change), member.delete(at(made))):
        assert_problem(answer, 403, "forbidden")
    assert api.get(at(made)).json() == made.json()


def test_who_leaves_the_team_sees_it_no_more(
    api: APIClient, member: APIClient, other_user: User
) -> None:
    made = save(api, **SMOKE, team="checkout")
    other_user.teams.clear()
    assert_problem(member.get(at(made)), 404, "not_found")


def test_without_the_team_it_is_the_owners_alone_again(api: APIClient, member: APIClient) -> None:
    made = save(api, **SMOKE, team="checkout")
    api.put(at(made), {"name": "checkout smoke", "order": SMOKE})
    assert_problem(member.get(at(made)), 404, "not_found")


def test_a_scheme_that_was_switched_off_is_said_when_it_is_saved_again(api: APIClient) -> None:
    made = save(api)
    IssuerRange.objects.filter(scheme="visa").update(enabled=False)
    answer = api.put(at(made), {"name": "checkout smoke", "order": SMOKE})
    assert_problem(answer, 422, "range_disabled")
    assert api.get(at(made)).json() == made.json()


def test_a_viewer_sees_a_teams_profile_and_saves_none(
    api: APIClient, user: User, catalogue: None
) -> None:
    viewer = make_user("viewer", role=Role.VIEWER)
    make_team("checkout", user, viewer)
    made = save(api, **SMOKE, team="checkout")
    client = client_of(viewer)
    assert client.get(at(made)).status_code == 200
    assert_problem(save(client), 403, "forbidden")


def saved_at_once(user: User, names: list[str], *, before: int = 0) -> list[str]:
    """Save profiles of these names at the same time; return what became of each."""
    OrderProfile.objects.bulk_create(
        OrderProfile(owner=user, place=place, name=f"p{place}", body=SMOKE)
        for place in range(before)
    )
    asked = OrderSerializer(data=SMOKE)
    asked.is_valid(raise_exception=True)
    order = asked.order()

    def save_one(number: int) -> str:
        draft = ProfileDraft(name=names[number], body=SMOKE, order=order)
        return profiles.save_profile(draft, owner=user).name

    made = at_once(len(names), save_one)
    return sorted(one if isinstance(one, str) else type(one).__name__ for one in made)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_no_more_than_a_hundred(owner: User) -> None:
    names = [f"n{number}" for number in range(8)]
    made = saved_at_once(owner, names, before=MOST_PROFILES - 3)
    assert made.count("TooManyProfiles") == 5
    assert OrderProfile.objects.count() == MOST_PROFILES


@pytest.mark.django_db(transaction=True)
def test_one_name_at_once_is_had_by_one(owner: User) -> None:
    made = saved_at_once(owner, ["smoke", "SMOKE", "Smoke", "smoKE"])
    assert made.count("ProfileExists") == 3
    assert OrderProfile.objects.count() == 1
