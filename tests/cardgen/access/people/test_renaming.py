"""A team gets another name: everything follows, and nobody else gets the old one."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client

from cardgen.access import people
from cardgen.access.people import InvalidName
from jobs.models import LONGEST_BODY, Job, OrderProfile, Team
from tests.support.actors import entries, somebody
from tests.support.commands import run
from tests.support.fixtures import Submit
from tests.support.keys import create_key
from tests.support.teams import make_team
from tests.support.threads import at_once

NOW = "The team checkout is called payments now: order for payments."


@pytest.fixture
def team(user: User, catalogue: None) -> Team:
    """A team that was called something else."""
    made = make_team("checkout", user)
    assert people.rename_team(made, name="payments", actor=somebody("boss"))
    return Team.objects.get()


def order(user: User, team: str) -> tuple[int, str]:
    """Order for a team over HTTP; status and what is said."""
    key = create_key(user=user, name=f"k{team}")
    body = {"scheme": "visa", "count": 1, "team": team}
    answer = Client().post(
        "/api/v1/cards/generate", body, content_type="application/json", HTTP_X_API_KEY=key
    )
    return answer.status_code, answer.json().get("detail", "")


def test_it_stands_in_the_trail(team: Team) -> None:
    told = entries().get()
    assert (told.actor, told.action, told.subject) == ("boss", "rename_team", "team payments")
    assert (told.before, told.after) == ({"name": "checkout"}, {"name": "payments"})


def test_jobs_and_lists_show_the_new_name(user: User, submit: Submit, browser: Client) -> None:
    made = make_team("old-name", user)
    job = submit(count=1)
    Job.objects.filter(pk=job.pk).update(team=made)
    people.rename_team(made, name="payments", actor=somebody())
    assert browser.get(f"/api/v1/cards/jobs/{job.pk}").json()["team"] == "payments"
    assert browser.get("/api/v1/teams").json()["results"] == [{"name": "payments"}]
    for path in (f"/jobs/{job.pk}", "/jobs", "/", "/account"):
        page = browser.get(path).content.decode()
        assert "payments" in page, path
        assert "old-name" not in page, path


def test_orders_that_name_the_old_one_are_told_the_new_one(team: Team, user: User) -> None:
    assert order(user, "checkout") == (422, NOW)
    assert order(user, "payments")[0] == 201


def test_strangers_are_not_told(team: Team, other_user: User) -> None:
    status, said = order(other_user, "checkout")
    assert status == 422
    assert "payments" not in said


def test_profiles_order_for_the_new_name(user: User, catalogue: None, browser: Client) -> None:
    made = make_team("checkout", user)
    body = {"scheme": "visa", "count": 2, "team": "checkout"}
    kept = OrderProfile.objects.create(owner=user, team=made, place=0, name="smoke", body=body)
    people.rename_team(made, name="payments", actor=somebody())
    kept.refresh_from_db()
    assert kept.body == body | {"team": "payments"}
    ordered = {"profile": "smoke"}
    key = create_key(user=user, name="k")
    answer = Client().post(
        "/api/v1/cards/generate", ordered, content_type="application/json", HTTP_X_API_KEY=key
    )
    assert answer.status_code == 201
    assert Job.objects.get().team == made


def test_a_profile_without_room_keeps_the_old_name(user: User) -> None:
    made = make_team("a", user)
    body = {"team": "a", "label": "x" * (LONGEST_BODY - 27)}
    OrderProfile.objects.create(owner=user, team=made, place=0, name="full", body=body)
    with pytest.raises(InvalidName, match="profile full has no room"):
        people.rename_team(made, name="a" * 40, actor=somebody())
    assert Team.objects.get().name == "a"


def test_no_other_team_gets_the_old_name(team: Team, admin_browser: Client) -> None:
    other = make_team("other")
    with pytest.raises(InvalidName, match="had it before"):
        people.make_team(name="checkout", actor=somebody())
    with pytest.raises(InvalidName, match="had it before"):
        people.rename_team(other, name="checkout", actor=somebody())
    page = admin_browser.post("/admin/jobs/team/add/", {"name": "checkout"}).content.decode()
    assert "had it before" in page
    assert set(Team.objects.values_list("name", flat=True)) == {"payments", "other"}


def test_the_database_says_no_even_if_nobody_asked(team: Team) -> None:
    with pytest.raises(IntegrityError, match="another team had that name"):
        Team.objects.create(name="checkout")


def test_it_may_have_its_old_name_again(team: Team, user: User) -> None:
    people.rename_team(team, name="checkout", actor=somebody())
    assert order(user, "checkout")[0] == 201
    assert not people.rename_team(team, name="checkout", actor=somebody())
    assert entries().count() == 2


@pytest.mark.parametrize("name", ["", "-a", "A", "a b", "x" * 41, "for-4929123456781236"])
def test_a_wrong_name_changes_nothing(team: Team, name: str) -> None:
    with pytest.raises(InvalidName):
        people.rename_team(team, name=name, actor=somebody())
    assert Team.objects.get().name == "payments"
    assert entries().count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_name_one_gets_it(catalogue: None) -> None:
    teams = [make_team("one"), make_team("two")]
    got = at_once(2, lambda place: people.rename_team(teams[place], name="both", actor=somebody()))
    assert sorted(type(one).__name__ for one in got) == ["InvalidName", "bool"]


def test_the_command_renames(user: User, db: None) -> None:
    make_team("checkout", user)
    assert run("rename_team", "checkout", "payments").returncode == 0
    assert Team.objects.get().name == "payments"
    assert entries().get().via == "command"
    assert run("rename_team", "checkout", "again").returncode == 2
    assert run("rename_team", "payments", "Not This").returncode == 2
    assert "already" in run("rename_team", "payments", "payments").stderr
