"""The pages of one's own account, as a browser without JavaScript has them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Quota
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from uniqueness.models import AuditEntry

OLD, NEW = "correct horse battery staple", "another horse, another battery"


@pytest.fixture
def ann(catalogue: None) -> Client:
    """A browser of somebody with a password."""
    client = Client()
    client.force_login(make_user("ann", password=OLD))
    return client


def changed(client: Client, *, old: str = OLD, new: str = NEW, again: str = NEW) -> int:
    """Send the form; 302 if it is changed."""
    typed = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post("/account/password", typed).status_code


def test_the_page_shows_role_quota_and_use(browser: Client, user: User, submit: Submit) -> None:
    Quota.objects.create(user=user, cards_per_day=1_000, active_jobs=0)
    submit(count=40)
    page = browser.get("/account").content.decode()
    assert "tester" in page
    assert "<strong>40</strong> of 1,000 cards a day, 960 left" in page
    assert "order cards, claim numbers, renew cards" in page


def test_without_limits_the_page_says_so(browser: Client) -> None:
    assert "Nothing limits you." in browser.get("/account").content.decode()


def test_a_password_is_changed_and_written_down(ann: Client) -> None:
    assert changed(ann) == 302
    assert ann.get("/account").status_code == 200
    assert User.objects.get(username="ann").check_password(NEW)
    assert AuditEntry.objects.filter(action="change_password", subject="user ann").exists()


@pytest.mark.parametrize(
    "wrong", [{"old": "guessed"}, {"new": "short", "again": "short"}, {"again": "otherwise typed"}]
)
def test_a_wrong_form_changes_nothing(ann: Client, wrong: dict[str, str]) -> None:
    assert changed(ann, **wrong) == 200
    assert User.objects.get(username="ann").check_password(OLD)


def test_the_sign_in_tells_how_to_get_a_new_password(db: None) -> None:
    page = Client().get("/login").content.decode()
    assert "Forgot your password?" in page
    assert "cardgen changepassword NAME" in page


def test_an_administrator_is_not_sent_for_a_role(admin_browser: Client) -> None:
    page = admin_browser.get("/account").content.decode()
    assert "every right" in page
    assert "ask an administrator for one" not in page
