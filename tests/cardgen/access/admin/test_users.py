"""Administrators make users, give them roles and deactivate them; each stands in the trail."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from tests.support.actors import entries
from tests.support.keys import create_key, make_user
from toolkit.rights import MEANINGS, Right, Role, rights_of

USERS = "/admin/auth/user/"
PASSWORD = "correct horse battery"
NEW = {"username": "ann", "password1": PASSWORD, "password2": PASSWORD}
NOBODY = {"active": True, "roles": [], "rights": []}


@pytest.fixture
def boss(catalogue) -> Client:
    """The session of somebody with the role, and no more than that."""
    client = Client()
    client.force_login(make_user("boss", role=Role.ADMINISTRATOR))
    return client


def change(client: Client, user: User, *roles: Role, **others: object) -> int:
    """Send the form of a user who is active, with these roles."""
    groups = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    data = {"username": user.username, "is_active": "on", "groups": groups} | others
    return client.post(f"{USERS}{user.pk}/change/", data).status_code


def told(name: str) -> list[tuple[str, str, Any, Any]]:
    """What the trail says of a user, the oldest first."""
    found = entries().filter(subject=f"user {name}").order_by("id")
    return [(one.actor, one.action, one.before, one.after) for one in found]


def test_a_new_user_chooses_a_password_and_may_nothing(boss):
    assert boss.post(f"{USERS}add/", NEW).status_code == 302
    client = Client()
    assert client.post("/login", {"username": "ann", "password": PASSWORD}).status_code == 302
    own = dict.fromkeys(("new_password1", "new_password2"), "my own horse 7")
    typed = {"old_password": PASSWORD} | own
    assert client.post("/account/password", typed).status_code == 302
    assert client.get("/", follow=False).status_code == 403
    assert told("ann") == [
        ("boss", "make_user", None, NOBODY),
        ("ann", "change_password", None, None),
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"username": "boss"}, {"username": "a b"}, {"password2": "another one"}]
    + [dict.fromkeys(("password1", "password2"), weak) for weak in ("password1", "12345678", "x")],
)
def test_a_wrong_one_is_not_made(boss, wrong):
    assert boss.post(f"{USERS}add/", NEW | wrong).status_code == 200
    assert User.objects.count() == 1
    assert not entries().exists()


def test_roles_are_given_and_taken(boss, user):
    assert change(boss, user, Role.TESTER, Role.OPERATOR) == 302
    assert Right.QUEUE in rights_of(User.objects.get(pk=user.pk))
    assert change(boss, user, Role.VIEWER) == 302
    assert Right.MINT not in rights_of(User.objects.get(pk=user.pk))
    states = [
        NOBODY | {"roles": roles} for roles in (["tester"], ["operator", "tester"], ["viewer"])
    ]
    assert told("tester") == [
        ("boss", "change_user", states[0], states[1]),
        ("boss", "change_user", states[1], states[2]),
    ]


def test_one_right_is_given_to_one_user(boss, user):
    right = Permission.objects.get(codename=Right.QUEUE)
    assert change(boss, user, Role.TESTER, user_permissions=[right.pk]) == 302
    assert Right.QUEUE in rights_of(User.objects.get(pk=user.pk))
    ((*_, before, after),) = told("tester")
    assert (before["rights"], after["rights"]) == ([], [Right.QUEUE])


def test_the_rights_that_are_asked_for_are_offered_and_no_others(boss, user):
    page = boss.get(f"{USERS}{user.pk}/change/").content.decode()
    offered = re.findall(r'name="user_permissions"', page)
    assert len(offered) == len(Right)
    assert f"{Right.QUEUE}: {MEANINGS[Right.QUEUE]}" in page


def test_a_user_who_is_deactivated_is_out_at_once(boss, browser, user):
    key = create_key(user=user, name="k")
    assert change(boss, user, Role.TESTER, is_active="") == 302
    assert browser.get("/").status_code == 302
    assert Client().get("/api/v1/tiers", HTTP_X_API_KEY=key).status_code == 401
    ((_, action, _, after),) = told("tester")
    assert (action, after["active"]) == ("deactivate_user", False)
    assert change(boss, user, Role.TESTER) == 302
    assert [action for _, action, *_ in told("tester")] == ["deactivate_user", "change_user"]


def test_nobody_becomes_a_superuser_or_is_deleted(boss, user):
    assert change(boss, user, Role.TESTER, is_superuser="on", is_staff="on") == 302
    assert not User.objects.filter(is_superuser=True).exists()
    assert boss.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_a_password_is_set_and_stands_nowhere(boss, user):
    passwords = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert boss.post(f"{USERS}{user.pk}/password/", passwords).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert [(actor, action) for actor, action, *_ in told("tester")] == [("boss", "change_user")]
    assert PASSWORD not in str(list(entries().values()))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_makes_or_changes_users(catalogue, role):
    client, user = Client(), make_user("ann", role=role)
    client.force_login(user)
    assert client.post(f"{USERS}add/", NEW | {"username": "bob"}).status_code == 403
    assert change(client, user, Role.ADMINISTRATOR) == 403
    assert list(user.groups.values_list("name", flat=True)) == [role]
    assert User.objects.count() == 1
