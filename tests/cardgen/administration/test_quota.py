"""The page that sets what a user may order, as a browser without JavaScript has it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Quota
from tests.support.actors import entries
from tests.support.keys import make_user
from toolkit.rights import Role

WHY = "the load test needs more of them"


@pytest.fixture
def page(user: User) -> str:
    """The address for the tester's quota."""
    return f"/administration/people/{user.pk}/quota"


def sent(client: Client, path: str, **typed: Any) -> str:
    """Send the form, and read the page that comes of it."""
    return client.post(path, {"reason": WHY} | typed, follow=True).content.decode()


def limits() -> list[tuple[int | None, int | None]]:
    """Cards and jobs that are limited now."""
    return [*Quota.objects.values_list("cards_per_day", "active_jobs")]


def test_a_quota_is_set_shown_and_lifted(admin_browser: Client, page: str) -> None:
    person = page.removesuffix("/quota")
    assert page in admin_browser.get(person).content.decode()
    done = sent(admin_browser, page, cards_per_day="1000", active_jobs="")
    assert "The quota of tester is set." in done
    assert "of 1,000 cards a day, 1,000 left" in done
    assert limits() == [(1000, None)]
    assert 'value="1000"' in admin_browser.get(page).content.decode()
    assert "Nothing limits this user" in sent(
        admin_browser, page, cards_per_day="0", active_jobs="0"
    )
    told = entries().order_by("id").last()
    assert told is not None
    assert (told.action, told.subject, told.via) == ("set_quota", "user tester", "page")
    assert told.after == {"cards_per_day": 0, "active_jobs": 0}


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ({"cards_per_day": "-1"}, "cards_per_day"),
        ({"cards_per_day": str(10**13)}, "cards_per_day"),
        ({"active_jobs": "many"}, "active_jobs"),
        ({"active_jobs": "2", "reason": "so"}, "reason"),
        ({"active_jobs": "2", "reason": "for 4929123456781236 it is"}, "reason"),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_sets_nothing(
    admin_browser: Client, page: str, typed: dict[str, str], place: str
) -> None:
    answer = admin_browser.post(page, {"reason": WHY} | typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [place]
    assert limits() == []
    assert not entries().exists()


def test_nobody_has_no_page(admin_browser: Client) -> None:
    assert admin_browser.get("/administration/people/99999/quota").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_sets_one(page: str, catalogue: None, role: Role) -> None:
    client = Client()
    client.force_login(make_user("eve", role=role))
    assert client.get(page).status_code == 403
    assert client.post(page, {"active_jobs": "0", "reason": WHY}).status_code == 403
    assert limits() == []
