"""Statistics over HTTP: whose cards are counted for whom, and what is asked of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from generation.models import IssuerRange
from jobs.models import DailyFigure, Team
from jobs.models.team import TeamName
from tests.support.answers import assert_problem
from tests.support.fixtures import register
from tests.support.keys import create_key, make_user
from tests.support.teams import make_team
from toolkit.rights import Right, Role

TOTAL, DAYS, GROUPS = (f"/api/v1/cards/{name}" for name in ("statistics", "range", "aggregated"))
LATEST = "/api/v1/cards/latest"
ROUTES = (TOTAL, DAYS, GROUPS)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 5)
MARCH = {"since": FIRST, "until": LAST}


@pytest.fixture
def ranges(catalogue) -> list[IssuerRange]:
    return [
        register(iin="99999902", pan_length=16, scheme="visa"),
        register(iin="99999903", pan_length=16, scheme="amex"),
    ]


@pytest.fixture
def figures(ranges, user, other_user) -> None:
    """1 and 2 of the user, 4 of a team mate, 8 of a stranger, 16 before that and 32 after it."""
    mate = make_user("mate")
    team = make_team("checkout", user, mate)
    make_team("others", other_user)
    visa, amex = ranges
    for day, owner, of, issuer_range, cards in (
        (FIRST, user, None, visa, 1), (LAST, user, team, amex, 2), (LAST, mate, team, visa, 4),
        (FIRST, other_user, None, amex, 8), (FIRST - timedelta(days=1), user, None, visa, 16),
        (LAST + timedelta(days=1), user, None, visa, 32),
    ):  # fmt: skip
        DailyFigure.objects.create(
            day=day, owner=owner, team=of, issuer_range=issuer_range, stripe=0, cards=cards
        )


def key_of(name: str, **scopes: object) -> APIClient:
    user = User.objects.get(username=name)
    return APIClient(HTTP_X_API_KEY=create_key(user=user, name="k", **scopes))


def lines(client: APIClient, by: str, **query: object) -> list[tuple]:
    found = client.get(GROUPS, MARCH | {"by": by} | query).json()["results"]
    return [tuple(line.values()) for line in found]


def whole(client: APIClient, route: str, **query: object) -> list[dict]:
    """The lines of all pages."""
    body = client.get(route, MARCH | query).json()
    found = body["results"]
    while body["next"]:
        body = client.get(body["next"]).json()
        found += body["results"]
    return found


WHO = {"tester": 7, "mate": 6, "other": 8, "op": 15, "root": 15}


@pytest.mark.parametrize("who", WHO)
def test_one_sees_what_oneself_and_ones_teams_ordered(figures, who):
    make_user("op", role=Role.OPERATOR)
    make_user("root", role=Role.ADMINISTRATOR)
    client = key_of(who)
    assert client.get(TOTAL, MARCH).json()["cards"] == WHO[who]
    assert sum(line["cards"] for line in client.get(DAYS, MARCH).json()["results"]) == WHO[who]
    for by in ("day", "scheme", "range", "tier", "owner", "team", "owner,team,day"):
        assert sum(line[-1] for line in lines(client, by)) == WHO[who]


def test_who_leaves_a_team_sees_its_cards_no_more(api, figures, user):
    user.teams.clear()
    assert api.get(TOTAL, MARCH).json()["cards"] == 3


def test_an_administrators_key_without_the_scope_sees_their_own_alone(figures):
    make_user("root", role=Role.ADMINISTRATOR)
    assert key_of("root", scopes=[Right.JOBS]).get(TOTAL, MARCH).json()["cards"] == 0


@pytest.mark.parametrize("route", [*ROUTES, LATEST])
def test_a_key_without_the_right_to_see_jobs_sees_no_figures(figures, user, route):
    client = key_of("tester", scopes=[Right.CATALOGUE])
    assert_problem(client.get(route), 403, "forbidden")


def test_totals_of_a_period_with_both_ends(administrator, figures):
    assert administrator.get(TOTAL, MARCH).json() == {
        "since": "2026-03-01", "until": "2026-03-05", "time_zone": "UTC",
        "cards": 15, "schemes": {"amex": 10, "visa": 5}, "tiers": {"owned": 15},
    }  # fmt: skip


def test_totals_of_the_last_day_with_cards(administrator, figures, ranges, other_user):
    DailyFigure.objects.create(
        day=LAST + timedelta(days=1), owner=other_user, issuer_range=ranges[1], stripe=1, cards=64
    )
    assert administrator.get(LATEST).json() == {
        "day": "2026-03-06", "time_zone": "UTC",
        "cards": 96, "schemes": {"amex": 64, "visa": 32}, "tiers": {"owned": 96},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "only", "day", "cards"),
    [
        ("tester", {}, LAST + timedelta(days=1), 32),
        ("tester", {"scheme": "AMEX"}, LAST, 2),
        ("tester", {"range": "99999903-16"}, LAST, 2),
        ("tester", {"team": "checkout"}, LAST, 6),
        ("mate", {}, LAST, 6),
        ("mate", {"owner": "mate"}, LAST, 4),
        ("other", {}, FIRST, 8),
        ("other", {"tier": "owned"}, FIRST, 8),
    ],
)
def test_the_last_day_is_that_of_cards_one_may_see_and_asked_for(figures, who, only, day, cards):
    body = key_of(who).get(LATEST, only).json()
    assert (body["day"], body["cards"]) == (str(day), cards)


@pytest.mark.parametrize(
    "only",
    [
        {"owner": "mate", "scheme": "amex"},
        {"team": "checkout", "tier": "reserved"},
        {"tier": "reserved"},
    ],
)
def test_without_cards_there_is_no_last_day(api, figures, only):
    assert api.get(LATEST, only).json() == {
        "day": None, "time_zone": "UTC", "cards": 0, "schemes": {}, "tiers": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "status", "code", "told"),
    [
        ({"since": "2026-03-01"}, 400, "invalid_request", "Unknown parameter"),
        ({"tier": "best"}, 400, "invalid_request", "Choose one of reserved"),
        ({"range": "123456-16"}, 400, "invalid_request", "GET /api/v1/issuer-ranges"),
        ({"scheme": "vissa"}, 422, "unknown_scheme", "Did you mean 'visa'"),
        ({"owner": "4111111111111111"}, 422, "pan_in_url", "card number"),
    ],
)
def test_a_last_day_that_makes_no_sense_is_refused(api, query, status, code, told):
    assert told in str(assert_problem(api.get(LATEST, query), status, code))


def test_every_day_is_told_page_by_page(administrator, figures):
    lines = whole(administrator, DAYS, limit=2)
    found = [(line["day"][-2:], line["cards"]) for line in lines]
    assert found == [("01", 9), ("02", 0), ("03", 0), ("04", 0), ("05", 6)]


def test_figures_are_told_apart_as_asked(administrator, figures):
    assert lines(administrator, "scheme,owner") == [
        ("amex", "other", 8), ("amex", "tester", 2), ("visa", "mate", 4), ("visa", "tester", 1),
    ]  # fmt: skip
    assert lines(administrator, "team") == [(None, 9), ("checkout", 6)]
    assert lines(administrator, "day,range")[0] == ("2026-03-01", "99999902-16", 1)
    body = administrator.get(GROUPS, MARCH).json()
    assert body["results"] == [{"scheme": "amex", "cards": 10}, {"scheme": "visa", "cards": 5}]
    assert body["next"] is None


@pytest.mark.parametrize("by", ["team,owner,range", "day,team", "range,day,scheme,tier,owner,team"])
def test_pages_of_groups_join_without_gaps(administrator, figures, by):
    at_once = administrator.get(GROUPS, MARCH | {"by": by}).json()["results"]
    assert whole(administrator, GROUPS, by=by, limit=1) == at_once
    assert len(at_once) > 1


@pytest.mark.parametrize(
    ("only", "cards"),
    [
        ({"scheme": "VISA"}, 5), ({"range": "99999903-16"}, 10), ({"tier": "owned"}, 15),
        ({"tier": "reserved"}, 0), ({"owner": "tester"}, 3), ({"team": "checkout"}, 6),
        ({"owner": "mate", "scheme": "amex"}, 0), ({"team": "others"}, 0),
    ],
)  # fmt: skip
def test_only_some_cards(administrator, figures, only, cards):
    assert administrator.get(TOTAL, MARCH | only).json()["cards"] == cards


@pytest.mark.parametrize(
    ("name", "there", "not_there"), [("owner", "other", "othar"), ("team", "others", "othars")]
)
def test_nobody_learns_of_others_by_name(api, figures, name, there, not_there):
    told = [
        assert_problem(api.get(TOTAL, MARCH | {name: value}), 400, "invalid_request")
        for value in (there, not_there)
    ]
    assert told[0]["errors"] == told[1]["errors"]
    assert there not in str(told[1]["detail"]).split()


@pytest.mark.parametrize("route", [*ROUTES, LATEST])
@pytest.mark.parametrize(
    ("who", "only", "told"),
    [
        ("tester", {"owner": "mat"}, "Did you mean mate?"),
        ("tester", {"team": "chekout"}, "You are in no team of that name. Did you mean checkout?"),
        ("root", {"owner": "nobody"}, "There is no user of that name"),
        ("root", {"owner": "othr"}, "Did you mean other?"),
        ("root", {"team": "other"}, "There is no team of that name. Did you mean others?"),
        ("root", {"team": "till"}, "The team till is called checkout now: ask for checkout."),
        ("mate", {"team": "till"}, "The team till is called checkout now: ask for checkout."),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_one_meant(figures, route, who, only, told):
    make_user("root", role=Role.ADMINISTRATOR)
    TeamName.objects.create(name="till", team=Team.objects.get(name="checkout"))
    problem = assert_problem(key_of(who).get(route, only), 400, "invalid_request")
    assert told in problem["detail"]
    assert problem["errors"][0]["pointer"] == f"/{next(iter(only))}"


def test_who_has_left_a_team_still_asks_by_its_name(figures, user):
    Team.objects.get(name="checkout").members.remove(user)
    assert key_of("tester").get(TOTAL, MARCH | {"team": "checkout"}).json()["cards"] == 2
    assert key_of("mate").get(TOTAL, MARCH | {"owner": "tester"}).json()["cards"] == 2


def test_thirty_days_to_today_unless_asked_otherwise(api, figures):
    body = api.get(TOTAL).json()
    today = datetime.now(tz=UTC).date()
    assert body["until"] == str(today)
    assert body["since"] == str(today - timedelta(days=29))
    assert len(api.get(DAYS).json()["results"]) == 30


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("query", "status", "code", "told"),
    [
        ({"from": "2026-03-01"}, 400, "invalid_request", "Unknown parameter"),
        ({"since": "1.3.2026"}, 400, "invalid_request", "such as 2026-11-29"),
        ({"since": "20260301"}, 400, "invalid_request", "such as 2026-11-29"),
        ({"since": "2026-02-30"}, 400, "invalid_request", "such as 2026-11-29"),
        ({"since": "1999-01-01"}, 400, "invalid_request", "not before 2020-01-01"),
        ({"since": ""}, 400, "invalid_request", ""),
        ({"until": "2999-01-01"}, 400, "invalid_request", "Today is"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, 400, "invalid_request", "after its end"),
        ({"since": "2025-03-01", "until": "2026-03-02"}, 400, "invalid_request", "367 days"),
        ({"tier": "best"}, 400, "invalid_request", "Choose one of reserved"),
        ({"range": "123456-16"}, 400, "invalid_request", "GET /api/v1/issuer-ranges"),
        ({"scheme": "vissa"}, 422, "unknown_scheme", "Did you mean 'visa'"),
        ({"owner": "4111111111111111"}, 422, "pan_in_url", "card number"),
    ],
)
def test_what_makes_no_sense_is_refused(api, route, query, status, code, told):
    assert told in str(assert_problem(api.get(route, query), status, code))


@pytest.mark.parametrize(
    ("query", "status", "code", "told"),
    [
        ({"by": "colour"}, 400, "invalid_request", "Choose from day, scheme"),
        ({"by": "day,day"}, 400, "invalid_request", "Name each once"),
        ({"by": ""}, 400, "invalid_request", ""),
        ({"limit": 1001}, 400, "invalid_request", "1000"),
        ({"by": "day,team", "after": "2026-03-01"}, 422, "invalid_cursor", "start again"),
    ],
)
def test_groups_that_make_no_sense_are_refused(api, query, status, code, told):
    assert told in str(assert_problem(api.get(GROUPS, query), status, code))


def read(plan: dict) -> set[str]:
    """Every table that a plan reads."""
    below = [read(one) for one in plan.get("Plans", [])]
    return {plan["Relation Name"]}.union(*below) if "Relation Name" in plan else set().union(*below)


@pytest.mark.parametrize("who", ["tester", "root"])
@pytest.mark.parametrize(("route", "days"), [*((route, MARCH) for route in ROUTES), (LATEST, {})])
def test_no_plan_reads_cards_chunks_or_jobs(figures, route, days, who):
    make_user("root", role=Role.ADMINISTRATOR)
    client = key_of(who)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(route, days | {"owner": "tester", "team": "checkout"}).status_code == 200
    asked = [one["sql"] for one in captured if "jobs_dailyfigure" in one["sql"]]
    assert asked
    for statement in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.replace('%', '%%')}")
            assert read(cursor.fetchone()[0][0]["Plan"]) <= {
                "jobs_dailyfigure", "generation_issuerrange", "auth_user", "jobs_team",
            }  # fmt: skip
