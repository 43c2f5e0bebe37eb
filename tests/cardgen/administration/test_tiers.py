"""The page that switches a tier, as a browser without JavaScript has it."""

import pytest
from django.test import Client

from generation import tiers
from generation.models import Tier
from tests.support.actors import entries
from tests.support.keys import make_user
from toolkit.rights import Role

PAGE = f"/administration/tiers/{Tier.BRAND_SHAPE}"
WHY = "the wallet team tests American Express"


def test_a_tier_is_switched_on_with_a_reason_and_off_again(admin_browser: Client) -> None:
    assert PAGE in admin_browser.get("/administration").content.decode()
    page = admin_browser.get(PAGE).content.decode()
    assert "a number may coincide with one an issuer has assigned" in page
    assert 'name="on" value="True"' in page
    done = admin_browser.post(PAGE, {"on": "True", "reason": WHY}, follow=True)
    assert "The tier brand_shape is on." in done.content.decode()
    assert tiers.is_enabled(Tier.BRAND_SHAPE)
    assert "No new card is issued" in admin_browser.get(PAGE).content.decode()
    admin_browser.post(PAGE, {"on": "False", "reason": "the tests are done"})
    assert not tiers.is_enabled(Tier.BRAND_SHAPE)
    told = entries().order_by("id").values_list("action", "subject", "via")
    assert [*told] == [(verb, Tier.BRAND_SHAPE, "page") for verb in ("enable_tier", "disable_tier")]


@pytest.mark.parametrize("reason", ["", "because", "for 4929123456781236 it is"])
def test_without_a_reason_nothing_happens(admin_browser: Client, reason: str) -> None:
    answer = admin_browser.post(PAGE, {"on": "True", "reason": reason})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
    assert not tiers.is_enabled(Tier.BRAND_SHAPE)
    assert not entries().exists()


def test_a_tier_that_there_is_not_has_no_page(admin_browser: Client) -> None:
    assert admin_browser.get("/administration/tiers/best").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_switches(catalogue: None, role: Role) -> None:
    client = Client()
    client.force_login(make_user("eve", role=role))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"on": "True", "reason": WHY}).status_code == 403
    assert not tiers.is_enabled(Tier.BRAND_SHAPE)
    if role is Role.OPERATOR:
        assert PAGE not in client.get("/administration").content.decode()
