"""What holds for users however they are made and changed: names, roles, who stays."""

import pytest
from django.contrib.auth.models import Permission, User

from cardgen.access import people
from cardgen.access.people import InvalidName, LastAdministrator, OwnAccount
from tests.support.actors import entries
from tests.support.keys import make_user
from tests.support.threads import at_once
from toolkit.actor import Actor, Via
from toolkit.rights import Right, Role, rights_of

BOSS = Role.ADMINISTRATOR


def by(user: User) -> Actor:
    return Actor(name=user.get_username(), via=Via.PAGE, user_id=user.pk)


@pytest.fixture
def boss(db: None) -> User:
    """The only administrator who can sign in."""
    return make_user("boss", role=BOSS, password="correct horse battery")


def test_a_new_user_has_a_password_and_one_role(boss: User) -> None:
    made = people.make_user(name="ann", role=Role.TESTER, actor=by(boss))
    assert made.user.check_password(made.password)
    assert people.role_of(made.user) is Role.TESTER
    assert made.password not in str(list(entries().values()))
    told = entries().get(action="make_user")
    assert (told.actor, told.subject, told.before) == ("boss", "user ann", None)
    assert told.after == {"active": True, "roles": ["tester"], "rights": []}


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "boss", "BOSS", "u4929123456781236", "a;b"])
def test_a_wrong_name_makes_nobody(boss: User, name: str) -> None:
    with pytest.raises(InvalidName):
        people.make_user(name=name, role=None, actor=by(boss))
    assert User.objects.count() == 1
    assert not entries().exists()


def test_a_new_role_takes_the_place_of_all_others_and_of_nothing_else(boss: User) -> None:
    ann = make_user("ann", role=Role.OPERATOR)
    ann.groups.add(boss.groups.get())
    ann.user_permissions.add(Permission.objects.get(codename=Right.AUDIT))
    assert people.role_of(ann) is BOSS
    people.change_role(ann, Role.VIEWER, actor=by(boss))
    rights = rights_of(User.objects.get(pk=ann.pk))
    assert Right.AUDIT in rights
    assert Right.QUEUE not in rights
    told = entries().get(action="change_user")
    assert told.before is not None
    assert told.after is not None
    assert (told.before["roles"], told.after["roles"]) == (
        ["administrator", "operator"],
        ["viewer"],
    )


def test_the_role_they_have_is_no_change(boss: User) -> None:
    people.change_role(make_user("ann"), Role.TESTER, actor=by(boss))
    assert not entries().exists()


def test_nobody_locks_themselves_out(boss: User) -> None:
    make_user("other", role=BOSS, password="correct horse battery")
    with pytest.raises(OwnAccount):
        people.change_role(boss, Role.TESTER, actor=by(boss))
    with pytest.raises(OwnAccount):
        people.switch_user(boss, on=False, reason="a slip of the mouse", actor=by(boss))
    with pytest.raises(OwnAccount):
        people.new_password(boss, actor=by(boss))
    assert User.objects.get(pk=boss.pk).is_active
    assert not entries().exists()


def test_one_administrator_who_can_sign_in_stays(boss: User) -> None:
    make_user("cannot", role=BOSS)
    helper = make_user("helper")
    for change in (
        lambda: people.change_role(boss, None, actor=by(helper)),
        lambda: people.switch_user(boss, on=False, reason="left the company", actor=by(helper)),
    ):
        with pytest.raises(LastAdministrator):
            change()
    boss.refresh_from_db()
    assert boss.is_active
    assert people.role_of(boss) is BOSS
    assert not entries().exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_role_from_each_other_one_is_refused(catalogue: None) -> None:
    pair = [make_user(name, role=BOSS, password="correct horse") for name in ("ann", "bob")]

    def take(place: int) -> None:
        people.change_role(pair[1 - place], Role.TESTER, actor=by(pair[place]))

    got = at_once(2, take)
    assert sorted(type(one).__name__ for one in got) == ["LastAdministrator", "NoneType"]


def test_switched_off_and_on_is_told_once_each(boss: User) -> None:
    ann = make_user("ann")
    assert people.switch_user(ann, on=False, reason="left the company", actor=by(boss))
    assert not people.switch_user(ann, on=False, reason="left the company", actor=by(boss))
    assert people.switch_user(ann, on=True, reason="came back to us", actor=by(boss))
    told = entries().order_by("id").values_list("action", "reason")
    assert list(told) == [
        ("deactivate_user", "left the company"),
        ("activate_user", "came back to us"),
    ]
