"""The page that switches a range, as a browser without JavaScript has it."""

import pytest
from django.test import Client

from generation.models import IssuerRange
from generation.ranges import registered
from tests.support.actors import entries
from tests.support.keys import make_user
from toolkit.rights import Role

WHY = "nobody tests these numbers now"


@pytest.fixture
def page(small_range: IssuerRange) -> str:
    """The address of the switch of a range that is on."""
    return f"/administration/ranges/{small_range.name}"


def is_on(page: str) -> bool:
    """Whether the range of a page is on."""
    return registered(page.rsplit("/", maxsplit=1)[-1]).get().enabled


def test_a_range_is_switched_off_with_a_reason_and_on_again(
    admin_browser: Client, page: str
) -> None:
    assert f'href="{page}">Switch off' in admin_browser.get("/ranges").content.decode()
    assert "Jobs already accepted finish" in admin_browser.get(page).content.decode()
    done = admin_browser.post(page, {"on": "False", "reason": WHY}, follow=True).content.decode()
    assert f"The range {page.rsplit('/', maxsplit=1)[-1]} is off." in done
    assert f'href="{page}">Switch on' in done
    assert not is_on(page)
    assert "New cards may then be issued" in admin_browser.get(page).content.decode()
    admin_browser.post(page, {"on": "True", "reason": "they are needed again"})
    assert is_on(page)
    told = entries().order_by("id").values_list("action", "via", "actor")
    assert [*told] == [(verb, "page", "root") for verb in ("disable_range", "enable_range")]


@pytest.mark.parametrize("reason", ["", "because", "for 4929123456781236 it is"])
def test_without_a_reason_nothing_happens(admin_browser: Client, page: str, reason: str) -> None:
    answer = admin_browser.post(page, {"on": "False", "reason": reason})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
    assert is_on(page)
    assert not entries().exists()


@pytest.mark.parametrize("name", ["999999-99", "nothing", "4929123456781236", "٤٠٠٠٠٠-16"])
def test_a_range_that_there_is_not_has_no_page(admin_browser: Client, name: str) -> None:
    assert admin_browser.get(f"/administration/ranges/{name}").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_switches(page: str, catalogue: None, role: Role) -> None:
    client = Client()
    client.force_login(make_user("eve", role=role))
    assert client.get(page).status_code == 403
    assert client.post(page, {"on": "False", "reason": WHY}).status_code == 403
    assert is_on(page)
    shown = client.get("/ranges").content.decode()
    assert "Switched off" not in shown
    assert page not in shown
