"""A password that somebody else knows is changed at the first sign-in, without JavaScript."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cardgen.access import people
from cardgen.access.authentication.heads import user_of
from cardgen.access.first import ensure_administrator
from cardgen.access.people import NewUser
from tests.support.actors import somebody
from tests.support.keys import create_key, make_user
from toolkit.rights import Role

OWN, ASKED = "a horse of my own 7", "/jobs?q=nightly"
CHOOSE = "Choose a password of your own"


@pytest.fixture
def made(catalogue: None) -> NewUser:
    """A tester whom an administrator made."""
    return people.make_user(name="ann", role=Role.TESTER, actor=somebody("boss"))


def sign_in(password: str, *, name: str = "ann") -> Client:
    """The browser of somebody who signs in."""
    client = Client()
    assert client.post("/login", {"username": name, "password": password}).status_code == 302
    return client


def choose(client: Client, old: str, *, new: str = OWN, path: str = "/account/password") -> str:
    """Send the form of the page; where it leads, or what it says."""
    typed = {"old_password": old, "new_password1": new, "new_password2": new}
    answer = client.post(path, typed)
    return answer.headers.get("Location") or answer.content.decode()


def test_the_page_asked_for_is_reached_after_another_password(made: NewUser) -> None:
    client = sign_in(made.password)
    sent = client.get(ASKED)
    assert sent.status_code == 302
    page = client.get(sent["Location"]).content.decode()
    assert CHOOSE in page
    assert "somebody else knows it" in page
    assert "API keys" in page
    assert 'aria-label="Main"' not in page
    assert choose(client, made.password, path=sent["Location"]) == ASKED
    assert client.get(ASKED).status_code == 200
    assert sign_in(OWN).get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/account", "/keys", "/admin/", "/design"])
def test_nothing_else_is_done_before(made: NewUser, path: str) -> None:
    client = sign_in(made.password)
    answer = client.get(path)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/password")
    assert client.post("/keys", {"name": "mine"})["Location"] == "/account/password"
    assert client.post("/logout").status_code == 302


def test_the_api_is_closed_to_the_session_and_open_to_keys(made: NewUser) -> None:
    client, key = sign_in(made.password), create_key(user=made.user, name="k")
    refused = client.get("/api/v1/tiers")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "/account/password" in refused.json()["detail"]
    assert Client().get("/api/v1/tiers", HTTP_X_API_KEY=key).status_code == 200
    assert client.get("/api/v1/tiers", HTTP_X_API_KEY=key).status_code == 200


def test_sockets_are_closed_to_the_session(made: NewUser) -> None:
    client = sign_in(made.password)
    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    assert user_of(cookie, address=None) is None
    choose(client, made.password)
    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    assert user_of(cookie, address=None) == made.user


def test_the_same_one_again_does_not_do(made: NewUser) -> None:
    client = sign_in(made.password)
    said = choose(client, made.password, new=made.password)
    assert "another one than the password that was handed over" in said
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("to", ["https://evil.test/", "//evil.test", "/account/password"])
def test_it_leads_to_our_pages_alone(made: NewUser, to: str) -> None:
    client = sign_in(made.password)
    answer = choose(client, made.password, path=f"/account/password?next={to}")
    assert answer in {"/account", "/account/password"}


def test_a_new_password_from_an_administrator_asks_again(made: NewUser) -> None:
    choose(sign_in(made.password), made.password)
    assert sign_in(OWN).get("/").status_code == 200
    again = people.new_password(User.objects.get(), actor=somebody("boss"))
    assert CHOOSE in sign_in(again).get("/", follow=True).content.decode()


def test_those_typed_into_the_admin_are_handed_over_too(admin_browser: Client) -> None:
    typed = {"password1": OWN, "password2": OWN}
    admin_browser.post("/admin/auth/user/add/", typed | {"username": "ann"})
    assert CHOOSE in sign_in(OWN).get("/", follow=True).content.decode()
    ann = User.objects.get(username="ann")
    choose(sign_in(OWN), OWN, new="another horse 8")
    where = f"/admin/auth/user/{ann.pk}/password/"
    admin_browser.post(where, typed | {"usable_password": "true"})
    assert CHOOSE in sign_in(OWN).get("/", follow=True).content.decode()


def test_the_first_ones_of_a_file_is_changed_and_that_of_a_terminal_stays(catalogue: None) -> None:
    made = ensure_administrator(written_down=True)
    assert made is not None
    client = sign_in(made.password, name="admin")
    assert CHOOSE in client.get("/administration", follow=True).content.decode()
    User.objects.update(is_active=False, username="gone")
    shown = ensure_administrator()
    assert shown is not None
    assert sign_in(shown.password, name="admin").get("/administration").status_code == 200


def test_who_typed_their_own_is_asked_nothing(catalogue: None) -> None:
    make_user("ann", password=OWN)
    assert sign_in(OWN).get("/").status_code == 200


def test_a_password_changed_on_the_machine_is_the_users_own(made: NewUser) -> None:
    ann = User.objects.get()
    ann.set_password(OWN)
    ann.save()
    assert sign_in(OWN).get("/").status_code == 200
