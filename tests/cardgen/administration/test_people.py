"""The pages of people and teams, as a browser without JavaScript has them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jobs.models import NAME_TAKEN, Team
from tests.support.actors import entries
from tests.support.keys import create_key, make_user
from tests.support.teams import make_team
from toolkit.rights import Role

PEOPLE, TEAMS = "/administration/people", "/administration/teams"
WHY = {"reason": "left the company"}


@pytest.fixture
def ann(catalogue: None) -> User:
    """A tester."""
    return make_user("ann", password="correct horse battery")


def text(client: Client, path: str, **typed: Any) -> str:
    """Send a form, and read the page that comes of it."""
    return client.post(path, typed, follow=True).content.decode()


def find(client: Client, **query: str) -> list[str]:
    """Names on the page of people."""
    return [user.username for user, _ in client.get(PEOPLE, query).context["rows"]]


def test_somebody_is_made_and_signs_in_with_the_password_shown(admin_browser: Client) -> None:
    answer = admin_browser.post(PEOPLE, {"name": "ann", "role": "tester"})
    password = answer.context["password"]
    assert password in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    client = Client()
    assert client.post("/login", {"username": "ann", "password": password}).status_code == 302
    assert client.get("/")["Location"].startswith("/account/password")
    assert password not in admin_browser.get(PEOPLE).content.decode()


def test_what_is_wrong_with_a_name_is_told_beside_it(admin_browser: Client, ann: User) -> None:
    answer = admin_browser.post(PEOPLE, {"name": "Ann", "role": "tester"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"name": ["Somebody has that name already."]}
    assert 'value="Ann"' in answer.content.decode()


def test_role_and_teams_are_changed_together(admin_browser: Client, ann: User) -> None:
    team = make_team("checkout")
    page = text(admin_browser, f"{PEOPLE}/{ann.pk}", role="operator", teams=[team.pk])
    assert "ann is changed." in page
    assert [group.name for group in ann.groups.all()] == ["operator"]
    assert list(ann.teams.all()) == [team]
    text(admin_browser, f"{PEOPLE}/{ann.pk}", role="")
    assert not ann.groups.exists()
    assert not ann.teams.exists()


def test_a_role_that_there_is_not_changes_nothing(admin_browser: Client, ann: User) -> None:
    answer = admin_browser.post(f"{PEOPLE}/{ann.pk}", {"role": "king"})
    assert answer.status_code == 422
    assert "role" in answer.context["form"].errors
    assert not entries().exists()


def test_switching_off_asks_first_and_wants_a_reason(admin_browser: Client, ann: User) -> None:
    where = f"{PEOPLE}/{ann.pk}/switch"
    key = create_key(user=ann, name="k")
    assert "Their sessions and API keys end at once" in admin_browser.get(where).content.decode()
    assert 'name="on" value="False"' in admin_browser.get(where).content.decode()
    assert admin_browser.post(where, {"on": "False", "reason": "no"}).status_code == 422
    assert User.objects.get(pk=ann.pk).is_active
    assert "ann is off." in text(admin_browser, where, on="False", **WHY)
    assert "ann is off." in text(admin_browser, where, on="False", **WHY)
    assert entries().filter(action="deactivate_user").count() == 1
    assert Client().get("/api/v1/tiers", HTTP_X_API_KEY=key).status_code == 401
    assert "ann may sign in again." in text(
        admin_browser, where, on="True", reason="came back to us"
    )
    assert Client().get("/api/v1/tiers", HTTP_X_API_KEY=key).status_code == 200


def test_a_new_password_ends_sessions_and_is_shown_once(admin_browser: Client, ann: User) -> None:
    theirs, where = Client(), f"{PEOPLE}/{ann.pk}/password"
    theirs.force_login(ann)
    assert "nobody can bring the old one back" in admin_browser.get(where).content.decode()
    assert theirs.get("/").status_code == 200
    password = admin_browser.post(where).context["password"]
    assert theirs.get("/").status_code == 302
    assert User.objects.get(pk=ann.pk).check_password(password)
    assert password not in admin_browser.get(f"{PEOPLE}/{ann.pk}").content.decode()
    assert entries().get().action == "change_password"


def test_ones_own_page_has_no_role_and_no_switch(admin_browser: Client) -> None:
    root = User.objects.get(username="root")
    page = admin_browser.get(f"{PEOPLE}/{root.pk}").content.decode()
    assert "this is you" in page
    assert "Switch off" not in page
    assert "You cannot" in text(admin_browser, f"{PEOPLE}/{root.pk}/switch", on="False", **WHY)
    assert "You cannot" in text(admin_browser, f"{PEOPLE}/{root.pk}/password")


def test_people_are_found_by_name_role_and_state(admin_browser: Client, ann: User) -> None:
    make_user("anna", role=Role.VIEWER)
    User.objects.create_user("bob", is_active=False)
    assert find(admin_browser) == ["ann", "anna", "bob", "root"]
    assert find(admin_browser, q="ann") == ["ann", "anna"]
    assert find(admin_browser, which="viewer") == ["anna"]
    assert find(admin_browser, which="none") == ["bob", "root"]
    assert find(admin_browser, which="off") == ["bob"]
    assert find(admin_browser, which="odd") == []
    wrong = admin_browser.get(PEOPLE, {"which": "testr"})
    assert wrong.status_code == 422
    assert "There is no group of that name. Did you mean Role tester?" in wrong.content.decode()
    assert admin_browser.get(PEOPLE, {"q": "4929123456781236"}).status_code == 422


def test_pages_show_everybody_once_at_a_constant_cost(
    admin_browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(User(username=f"user{place:03}") for place in range(120))
    seen: list[str] = []
    after: Any = ""
    while after is not None:
        with django_assert_max_num_queries(10):
            page = admin_browser.get(PEOPLE, {"after": after}).context
        seen += [user.username for user, _ in page["rows"]]
        after = page["after"]
    assert seen == sorted(User.objects.values_list("username", flat=True))


def test_a_team_is_made_filled_and_emptied(admin_browser: Client, ann: User) -> None:
    assert "The team checkout is made." in text(admin_browser, TEAMS, name="checkout")
    where = f"{TEAMS}/{Team.objects.get().pk}"
    assert "There is no user bob." in text(admin_browser, where, names="ann, bob")
    assert "ann, root: in the team now." in text(admin_browser, where, names="ann, root")
    assert "ann is out of the team." in text(admin_browser, f"{where}/{ann.pk}/leave")
    assert [user.username for user in Team.objects.get().members.all()] == ["root"]
    assert "2 members" not in admin_browser.get(TEAMS).content.decode()


def test_a_team_is_renamed_and_says_what_it_was_called(admin_browser: Client) -> None:
    where = f"{TEAMS}/{make_team('checkout').pk}"
    asked = admin_browser.get(f"{where}/rename").content.decode()
    assert "No other team ever gets the old one" in asked
    page = text(admin_browser, f"{where}/rename", name="payments")
    assert "The team checkout is called payments now." in page
    assert "Called" in page
    assert "subject=team%20checkout" in page
    answer = admin_browser.post(f"{where}/rename", {"name": "not this"})
    assert answer.status_code == 422
    assert Team.objects.get().name == "payments"


def test_what_is_wrong_with_a_team_is_told_beside_it(admin_browser: Client) -> None:
    make_team("checkout")
    answer = admin_browser.post(TEAMS, {"name": "checkout"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"name": [NAME_TAKEN]}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_sees_or_changes_anything(catalogue: None, ann: User, role: Role) -> None:
    client, team = Client(), make_team("checkout")
    client.force_login(make_user("eve", role=role))
    one, group = f"{PEOPLE}/{ann.pk}", f"{TEAMS}/{team.pk}"
    pages = (PEOPLE, one, f"{one}/switch", f"{one}/password", TEAMS, group, f"{group}/rename")
    for path in pages:
        assert client.get(path).status_code == 403, path
        typed = {"name": "new", "role": "administrator", "names": "eve", "teams": [team.pk]}
        assert client.post(path, typed | WHY).status_code == 403, path
    assert client.post(f"{group}/{ann.pk}/leave").status_code == 403
    assert not entries().exists()
    assert User.objects.count() == 2
