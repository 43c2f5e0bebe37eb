"""Administrators make teams and change their members; each change stands in the trail."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Team
from tests.support.actors import entries
from tests.support.keys import make_user
from tests.support.teams import make_team
from toolkit.rights import Role

ADD = "/admin/jobs/team/add/"


def change(browser: Client, team: Team, *members: User, **others: object) -> int:
    """Send the form of a team."""
    data = {"members": [member.pk for member in members]} | others
    return browser.post(f"/admin/jobs/team/{team.pk}/change/", data).status_code


def test_a_team_is_made_and_its_members_are_changed(admin_browser, user, other_user):
    made = admin_browser.post(ADD, {"name": "checkout", "members": [user.pk]})
    assert made.status_code == 302
    team = Team.objects.get(name="checkout")
    assert change(admin_browser, team, user, other_user) == 302
    assert change(admin_browser, team, other_user) == 302
    told = entries().filter(subject="team checkout").order_by("id")
    assert [(one.actor, one.action, one.before, one.after) for one in told] == [
        ("root", "make_team", None, {"members": ["tester"]}),
        ("root", "change_team", {"members": ["tester"]}, {"members": ["other", "tester"]}),
        ("root", "change_team", {"members": ["other", "tester"]}, {"members": ["other"]}),
    ]


def test_a_team_keeps_its_name_and_is_not_deleted(admin_browser, user):
    team = make_team("checkout", user)
    assert change(admin_browser, team, user, name="another") == 302
    assert Team.objects.get().name == "checkout"
    gone = admin_browser.post(f"/admin/jobs/team/{team.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 403
    assert Team.objects.exists()


@pytest.mark.parametrize("name", ["", "-a", "A", "a b", "x" * 41, "ä", "for-4929123456781236"])
def test_a_wrong_name_is_refused(admin_browser, name):
    assert admin_browser.post(ADD, {"name": name}).status_code == 200
    assert not Team.objects.exists()
    assert not entries().filter(action="make_team").exists()


def test_a_name_is_there_once(admin_browser):
    make_team("checkout")
    assert admin_browser.post(ADD, {"name": "checkout"}).status_code == 200
    assert Team.objects.count() == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_makes_or_joins_a_team(catalogue, role):
    client, team = Client(), make_team("checkout")
    somebody = make_user("ann", role=role)
    client.force_login(somebody)
    assert client.post(ADD, {"name": "mine", "members": [somebody.pk]}).status_code == 403
    assert change(client, team, somebody) == 403
    assert not somebody.teams.exists()
