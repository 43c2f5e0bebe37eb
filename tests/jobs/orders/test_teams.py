"""An order for a team: one of the orderer's own, or nothing is done."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from jobs import control
from jobs.models import Job, Team
from jobs.orders import Origin
from tests.support.answers import LATER, NOW, assert_problem
from tests.support.fixtures import silent
from tests.support.forms import EMPTY
from tests.support.keys import make_user
from tests.support.teams import make_team

CLAIM = "/api/v1/cards/claim"
ROUTES = {
    NOW: {"scheme": "visa", "count": 1},
    LATER: {"scheme": "visa", "count": 1},
    "/api/v1/cards/generate-from-bin": {"iin": "400000", "count": 1},
    CLAIM: {"range": "400000-16", "start": "400000", "count": 1},
}


@pytest.fixture
def team(user: User) -> Team:
    """A team of the orderer."""
    return make_team("checkout", user)


@pytest.fixture
def foreign(other_user: User) -> Team:
    """A team that the orderer is not in."""
    return make_team("others", other_user)


@pytest.mark.parametrize("route", ROUTES)
def test_a_job_is_of_the_team_it_was_ordered_for(api, team, route):
    assert api.post(route, ROUTES[route] | {"team": "checkout"}).status_code in (201, 202)
    assert Job.objects.get().team == team


@pytest.mark.parametrize("team_given", [{}, {"team": None}])
def test_without_a_team_it_is_the_owners_alone(api, team, team_given):
    assert api.post(LATER, ROUTES[LATER] | team_given).json()["team"] is None


@pytest.mark.parametrize("route", ROUTES)
def test_a_foreign_team_and_none_are_answered_alike(api, foreign, route):
    answers = []
    for name in (foreign.name, "nobodys", "No Name", "x" * 40):
        answer = api.post(route, ROUTES[route] | {"team": name})
        problem = assert_problem(answer, 422, "unknown_team")
        problem.pop("instance", None)
        answers.append(problem)
    assert all(answer == answers[0] for answer in answers)
    assert not Job.objects.exists()


@pytest.mark.parametrize("wrong", ["", ["checkout"], {"name": "checkout"}, "x" * 41, "a\0b"])
def test_what_is_no_name_is_refused(api, team, wrong):
    problem = assert_problem(
        api.post(LATER, ROUTES[LATER] | {"team": wrong}), 400, "invalid_request"
    )
    assert problem["errors"][0]["pointer"] == "/team"


def test_who_has_left_orders_for_the_team_no_more(api, team, user):
    team.members.remove(user)
    assert_problem(api.post(NOW, ROUTES[NOW] | {"team": "checkout"}), 422, "unknown_team")


def test_the_same_key_with_another_team_is_another_request(api, team, user):
    make_team("second", user)
    for name, code in (("checkout", 202), ("second", 422)):
        answer = api.post(LATER, ROUTES[LATER] | {"team": name}, HTTP_IDEMPOTENCY_KEY="k")
        assert answer.status_code == code


def test_a_clone_is_for_the_team_if_its_orderer_is_in_it(submit, team, user):
    job = submit(team="checkout")
    member, outsider = make_user("member"), make_user("outsider")
    team.members.add(member)
    teams = [
        control.clone(job, origin=Origin(owner=who), ring=silent, now=timezone.now()).team
        for who in (user, member, outsider)
    ]
    assert teams == [team, team, None]


def test_the_form_offers_ones_teams_and_orders_for_them(browser, team, foreign):
    page = browser.get("/").content.decode()
    assert 'value="checkout"' in page
    assert 'value="others"' not in page
    where = browser.post("/", EMPTY | {"scheme": "visa", "count": "5", "team": "checkout"})
    assert Job.objects.get().team == team
    page = browser.get(where["Location"]).content.decode()
    assert "<dt>Team</dt><dd>checkout</dd>" in page
    assert "&quot;team&quot;: &quot;checkout&quot;" in page


def test_the_form_tells_of_a_foreign_team_at_its_field(browser, foreign):
    page = browser.post("/", EMPTY | {"scheme": "visa", "count": "5", "team": "others"})
    assert (page.status_code, "You are in no team of that name" in page.content.decode()) == (
        422,
        True,
    )
    assert not Job.objects.exists()


def test_the_command_orders_for_a_team(submit, team, foreign, tmp_path):
    options = {"scheme": "visa", "count": "2", "user": "tester", "out": str(tmp_path / "cards")}
    with pytest.raises(CommandError, match="You are in no team"):
        call_command("generate_cards", **options, team="others")
    call_command("generate_cards", **options, team="checkout")
    assert Job.objects.get().team == team


@pytest.mark.parametrize("name", ["", "-a", "A", "a b", "a\n", "x" * 41, "ä"])
def test_the_database_refuses_other_names(db, name):
    with (
        pytest.raises((IntegrityError, DataError), match=r"plain_name|too long"),
        transaction.atomic(),
    ):
        Team.objects.create(name=name)
