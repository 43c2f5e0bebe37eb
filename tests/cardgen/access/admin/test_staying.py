"""One administrator who can sign in stays, by the forms of the admin as well."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from tests.support.actors import entries
from tests.support.keys import make_user
from tests.support.threads import at_once
from toolkit.rights import Right, Role, administrators

USERS = "/admin/auth/user/"
BOSS, PASSWORD = Role.ADMINISTRATOR, "correct horse battery"
OFF: dict[str, object] = {"is_active": ""}
NO_ROLE: dict[str, object] = {"groups": []}
ALONE = "Nobody else is an administrator: make one first."


def signed_in(user: User) -> Client:
    """A browser of that user."""
    client = Client()
    client.force_login(user)
    return client


def sent(client: Client, user: User, **changes: object) -> str:
    """Send the form of an administrator, and read the page that comes of it."""
    roles = list(Group.objects.filter(name=BOSS).values_list("pk", flat=True))
    data = {"username": user.username, "is_active": "on", "groups": roles} | changes
    return client.post(f"{USERS}{user.pk}/change/", data, follow=True).content.decode()


def who_stay() -> list[str]:
    """Administrators who can sign in."""
    return [user.username for user in administrators(who_sign_in=True)]


@pytest.fixture
def boss(catalogue: None) -> User:
    """The only administrator who can sign in."""
    return make_user("boss", role=BOSS, password=PASSWORD)


@pytest.fixture
def helper(boss: User) -> Client:
    """The browser of somebody who may change users, and is no administrator."""
    user = make_user("helper", role=Role.OPERATOR)
    user.user_permissions.add(Permission.objects.get(codename=Right.USERS))
    return signed_in(user)


@pytest.mark.parametrize("change", [OFF, NO_ROLE])
def test_the_last_one_keeps_role_and_sign_in(
    helper: Client, boss: User, change: dict[str, object]
) -> None:
    page = sent(helper, boss, **change)
    assert ALONE in page
    assert "was changed successfully" not in page
    assert who_stay() == ["boss"]
    assert not entries().exists()


def test_the_last_one_keeps_a_password(helper: Client, boss: User) -> None:
    where, data = f"{USERS}{boss.pk}/password/", {"usable_password": "false", "unset-password": "1"}
    page = helper.post(where, data, follow=True).content.decode()
    assert ALONE in page
    assert "was disabled" not in page
    assert who_stay() == ["boss"]


def test_the_last_superuser_stays_too(catalogue: None, helper: Client, boss: User) -> None:
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    boss.groups.clear()
    assert ALONE in sent(helper, boss, groups=[], **OFF)
    assert who_stay() == ["boss"]


def test_of_two_one_may_go(helper: Client, boss: User) -> None:
    make_user("other", role=BOSS, password=PASSWORD)
    assert "was changed successfully" in sent(helper, boss, **OFF)
    assert who_stay() == ["other"]


@pytest.mark.parametrize("change", [OFF, NO_ROLE])
def test_nobody_locks_themselves_out(boss: User, change: dict[str, object]) -> None:
    make_user("other", role=BOSS, password=PASSWORD)
    assert "You cannot switch yourself off" in sent(signed_in(boss), boss, **change)
    assert who_stay() == ["boss", "other"]


def test_ones_own_password_is_changed_where_the_old_one_is_asked(boss: User) -> None:
    where = f"{USERS}{boss.pk}/password/"
    data = {"password1": "another horse", "password2": "another horse", "usable_password": "true"}
    answer = signed_in(boss).post(where, data)
    assert (answer.status_code, answer["Location"]) == (302, "/account/password")
    assert User.objects.get().check_password(PASSWORD)


def test_no_action_of_the_list_removes_anybody(helper: Client, boss: User) -> None:
    data = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    assert "delete_selected" not in helper.get(USERS).content.decode()
    assert helper.post(USERS, data).status_code in {200, 302, 403}
    assert who_stay() == ["boss"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [OFF, NO_ROLE])
def test_of_two_who_remove_each_other_at_once_one_is_refused(
    catalogue: None, change: dict[str, object]
) -> None:
    pair = [make_user(name, role=BOSS, password=PASSWORD) for name in ("ann", "bob")]
    browsers = [signed_in(user) for user in pair]
    at_once(2, lambda place: sent(browsers[place], pair[1 - place], **change))
    assert len(who_stay()) == 1
