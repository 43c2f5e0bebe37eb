"""The switches of the admin: administrators alone, never without a reason, always on record."""

import pytest
from django.test import Client

from generation import tiers
from generation.models import IssuerRange, Tier
from tests.support.actors import entries, somebody
from tests.support.keys import make_user
from toolkit.rights import Role
from uniqueness import registry

TIERS = "/admin/generation/tierswitch/"
REASON = "the wallet team tests American Express"


@pytest.fixture
def staff(catalogue: None) -> Client:
    """Somebody who may look at everything and is no administrator."""
    user = make_user("auditor", role=Role.OPERATOR)
    client = Client()
    client.force_login(user)
    return client


def range_page(name: str) -> str:
    """The address of a range in the admin."""
    iin, length = name.split("-")
    return f"/admin/generation/issuerrange/{IssuerRange.objects.get(iin=iin, pan_length=length).pk}"


def test_every_tier_is_listed_with_its_promise_safest_first(admin_browser: Client) -> None:
    page = admin_browser.get(TIERS).content.decode()
    places = [page.index(f"<code>{tier}</code>") for tier in tiers.ORDER]
    assert places == sorted(places)
    assert all(promise in page for promise in tiers.PROMISES.values())
    assert page.count("Switch off</a>") == 3
    assert page.count("Switch on</a>") == 1


def test_a_tier_is_switched_on_with_a_reason_that_stays(admin_browser: Client) -> None:
    where = f"{TIERS}brand_shape/switch/"
    assert tiers.PROMISES[Tier.BRAND_SHAPE] in admin_browser.get(where).content.decode()
    response = admin_browser.post(where, {"on": "True", "reason": REASON}, follow=True)
    assert "Tier brand_shape is on." in response.content.decode()
    assert tiers.is_enabled(Tier.BRAND_SHAPE)
    entry = entries().get()
    assert (entry.actor, entry.action, entry.subject, entry.reason) == (
        *("root", "enable_tier", "brand_shape"),
        REASON,
    )


def test_a_tier_is_switched_off(admin_browser: Client) -> None:
    admin_browser.post(f"{TIERS}scheme_test/switch/", {"on": "", "reason": REASON})
    assert not tiers.is_enabled(Tier.SCHEME_TEST)


@pytest.mark.parametrize("reason", ["", "   ", "because", "x" * 2_001])
def test_nothing_is_switched_without_a_reason(admin_browser: Client, reason: str) -> None:
    for where in (f"{TIERS}brand_shape", range_page("400000-16")):
        response = admin_browser.post(f"{where}/switch/", {"on": "True", "reason": reason})
        assert response.status_code == 200
        assert 'class="errorlist"' in response.content.decode()
    assert not tiers.is_enabled(Tier.BRAND_SHAPE)
    assert not entries().exists()


def test_sending_the_same_form_twice_switches_once(admin_browser: Client) -> None:
    for _ in range(2):
        admin_browser.post(f"{TIERS}brand_shape/switch/", {"on": "True", "reason": REASON})
    assert tiers.is_enabled(Tier.BRAND_SHAPE)


def test_a_range_is_switched_off_and_on_with_a_reason(admin_browser: Client) -> None:
    where = range_page("400000-16")
    assert "Switch off" in admin_browser.get(f"{where}/change/").content.decode()
    form = {"on": "", "reason": "kept for the settlement tests"}
    response = admin_browser.post(f"{where}/switch/", form, follow=True)
    page = response.content.decode()
    assert "Range 400000-16 is off." in page
    assert "Switch on" in page
    assert not IssuerRange.objects.get(iin="400000").enabled
    admin_browser.post(f"{where}/switch/", form | {"on": "True"})
    assert IssuerRange.objects.get(iin="400000").enabled
    assert [entry.action for entry in entries().all()] == ["enable_range", "disable_range"]


def test_a_range_says_how_many_numbers_are_left_and_whether_its_tier_is_on(
    admin_browser: Client,
) -> None:
    where = f"{range_page('340000-15')}/change/"
    page = admin_browser.get(where).content.decode()
    assert "100,000,000" in page
    assert "icon-no" in page
    registry.switch_tier(tier=Tier.BRAND_SHAPE, on=True, reason=REASON, actor=somebody("root"))
    assert "icon-no" not in admin_browser.get(where).content.decode()


def test_a_new_range_is_shown_with_its_capacity(admin_browser: Client) -> None:
    form = {"scheme": "visa", "iin": "42345678", "pan_length": "16", "statement": "ours since 2019"}
    response = admin_browser.post("/admin/generation/issuerrange/add/", form, follow=True)
    page = response.content.decode()
    assert "Range 42345678-16 is registered: 10,000,000 numbers can be issued in it." in page
    assert "ours since 2019" in page


def test_who_is_no_administrator_sees_the_tiers_and_no_switch(staff: Client) -> None:
    assert "Switch o" not in staff.get(TIERS).content.decode()
    assert "Switch o" not in staff.get("/admin/generation/issuerrange/").content.decode()
    assert "Switch o" not in staff.get(f"{range_page('400000-16')}/change/").content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_no_administrator_cannot_switch(staff: Client, method: str) -> None:
    for where in (f"{TIERS}brand_shape", range_page("400000-16")):
        send = getattr(staff, method)
        assert send(f"{where}/switch/", {"on": "True", "reason": REASON}).status_code == 403
    assert not entries().exists()


def test_who_may_not_view_tiers_is_refused(catalogue: None) -> None:
    client = Client()
    client.force_login(make_user("clerk"))
    assert client.get(TIERS).status_code == 403


@pytest.mark.parametrize("where", [f"{TIERS}nothing", "/admin/generation/issuerrange/0"])
def test_what_is_not_there_cannot_be_switched(admin_browser: Client, where: str) -> None:
    assert admin_browser.get(f"{where}/switch/").status_code == 404


def test_the_audit_trail_shows_who_did_what_and_why_newest_first(admin_browser: Client) -> None:
    registry.switch_tier(tier=Tier.BRAND_SHAPE, on=True, reason=REASON, actor=somebody("root"))
    registry.switch_tier(
        tier=Tier.BRAND_SHAPE, on=False, reason="done with those", actor=somebody("root")
    )
    page = admin_browser.get("/admin/uniqueness/auditentry/").content.decode()
    assert "Audit trail" in page
    assert page.index("done with those") < page.index(REASON)
    entry = entries().latest("id")
    page = admin_browser.get(f"/admin/uniqueness/auditentry/{entry.pk}/change/").content.decode()
    assert "enabled" in page
