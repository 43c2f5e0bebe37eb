"""The pages of profiles, as a browser without JavaScript has them."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from generation.models import IssuerRange
from jobs.models import Job, OrderProfile
from tests.support.answers import LATER
from tests.support.forms import EMPTY
from tests.support.keys import make_user
from tests.support.teams import make_team
from toolkit.rights import Role

NAME = "checkout smoke"
BODY = {"scheme": "visa", "count": 2_000, "label": "smoke", "fields": ["pan", "pvv"]}
TYPED = EMPTY | {"scheme": "visa", "count": "2,000", "label": "smoke", "fields": ["pan", "pvv"]}


@pytest.fixture
def profile(user: User) -> OrderProfile:
    return make(user)


def make(owner: User, name: str = NAME, *, team: str = "", **changes: Any) -> OrderProfile:
    place = OrderProfile.objects.filter(owner=owner).count()
    found = owner.teams.filter(name=team).first()
    body = BODY | changes | ({"team": team} if team else {})
    return OrderProfile.objects.create(owner=owner, place=place, name=name, body=body, team=found)


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def hidden(page: str) -> dict[str, list[str]]:
    """What the form that asks for a name carries on."""
    form = page.partition('action="/profiles"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form):
        found.setdefault(name, []).append(value)
    del found["csrfmiddlewaretoken"]
    return found


def ask_for_name(browser: Client, **changes: Any) -> Any:
    return browser.post("/", TYPED | {"show": "profile"} | changes)


def test_a_form_is_saved_under_a_name_and_opens_filled_in(browser: Client) -> None:
    asked = ask_for_name(browser, address="1 TEST WAY")
    assert asked.status_code == 200
    saved = browser.post("/profiles", hidden(text(asked)) | {"name": NAME}, follow=True)
    page = text(saved)
    assert f"Saved as the profile “{NAME}”." in page
    assert OrderProfile.objects.get().body == BODY | {"address": "1 TEST WAY"}
    assert 'value="2,000"' in page
    ticked = re.findall(r'name="fields" value="([a-z_0-9]+)" checked', page)
    assert sorted(ticked) == ["pan", "pvv"]
    assert not Job.objects.exists()


def test_a_form_opened_from_a_profile_orders_the_same(
    browser: Client, profile: OrderProfile
) -> None:
    page = text(browser.get(f"/?profile={profile.pk}"))
    assert f'<input type="hidden" name="profile" value="{profile.pk}">' in page
    browser.post("/", TYPED | {"profile": profile.pk})
    job = Job.objects.get()
    assert (job.requested, job.label, job.fields) == (2_000, "smoke", ["pan", "pvv"])


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"scheme": "VISA"}, r'value="visa"[^>]*\sselected'),
        ({"expiry": "2039-11"}, 'name="expiry_month"[^>]* value="2039-11"'),
        ({"expiry": {"min_months": 1, "max_months": 7}}, 'name="expiry_max"[^>]* value="7"'),
        ({"distinct_last_four": True}, 'name="distinct_last_four" value="on" checked'),
        ({"cvv": None, "pin_length": 6}, 'name="pin_length"[^>]* value="6"'),
        ({"priority": "low"}, r'value="low"\sselected'),
        ({"cardholder_name": "TEST CARD"}, 'value="TEST CARD"'),
    ],
)
def test_what_a_profile_says_is_on_the_form(
    browser: Client, user: User, body: dict[str, Any], shown: str
) -> None:
    made = make(user, **body)
    page = browser.get(f"/?profile={made.pk}")
    assert page.context["form"].errors == {}
    assert re.search(shown, page.content.decode())


@pytest.mark.parametrize("named", ["520473-16", " 520473-16 ", "520473", 520473])
def test_a_range_is_shown_below_its_scheme(browser: Client, user: User, named: str | int) -> None:
    made = make(user)
    OrderProfile.objects.update(body={"range": named, "count": 5})
    page = browser.get(f"/?profile={made.pk}").content.decode()
    assert re.search(r'value="520473-16"[^>]*\sselected', page)
    assert re.search(r'value="mastercard"[^>]*\sselected', page)


def test_the_same_again_is_what_was_ordered_whatever_the_profile_says_now(
    api: APIClient, browser: Client, profile: OrderProfile
) -> None:
    job = api.post(LATER, {"profile": NAME, "count": 30}).json()["id"]
    OrderProfile.objects.update(body=BODY | {"scheme": "mastercard"})
    changed = browser.get(f"/?again={job}").context["form"]
    profile.delete()
    gone = browser.get(f"/?again={job}").context["form"]
    assert changed == gone
    assert (gone.values["scheme"], gone.values["count"], gone.fields) == (
        "visa",
        "30",
        ("pan", "pvv"),
    )


def test_what_the_form_has_no_place_for_is_told(browser: Client, user: User) -> None:
    made = make(user)
    lines = [{"scheme": "mastercard", "count": 7}, {"scheme": "visa", "count": 8}]
    OrderProfile.objects.update(body={"items": lines, "deadline": "2039-01-01T00:00Z"})
    page = text(browser.get(f"/?profile={made.pk}"))
    assert "this is the first of 2" in page
    assert "The form has no deadline" in page
    assert 'value="7"' in page


def test_what_was_switched_off_meanwhile_is_told_and_not_put_right_in_silence(
    browser: Client, user: User
) -> None:
    made = make(user)
    IssuerRange.objects.filter(scheme="visa").update(enabled=False)
    page = browser.get(f"/?profile={made.pk}")
    assert "is switched off" in page.context["form"].errors["scheme"]
    assert re.search(r'value="visa"[^>]*\sselected>visa: cannot be ordered', text(page))
    again = browser.post("/", TYPED | {"profile": made.pk})
    assert again.status_code == 422
    assert not Job.objects.exists()


def test_a_range_that_was_switched_off_stays_chosen_and_refused(
    browser: Client, user: User
) -> None:
    made = make(user)
    OrderProfile.objects.update(body={"range": "520473-16", "count": 5})
    IssuerRange.objects.filter(iin="520473").update(enabled=False)
    page = browser.get(f"/?profile={made.pk}")
    assert "is switched off" in page.context["form"].errors["range"]
    assert re.search(r'value="520473-16"[^>]*\sselected>520473-16: cannot', text(page))


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"count": "many"}, "count"), ({"label": "x" * 201}, "label"), ({"scheme": "vsa"}, "scheme")],
)
def test_what_is_no_order_asks_for_no_name(
    browser: Client, changes: dict[str, str], where: str
) -> None:
    asked = ask_for_name(browser, **changes)
    assert (asked.status_code, list(asked.context["form"].errors)) == (422, [where])
    assert 'action="/profiles"' not in text(asked)


@pytest.mark.parametrize("name", ["", " ", "42", "x" * 81, "4929 1234 5678 1236"])
def test_what_is_no_name_is_told_and_the_form_is_kept(browser: Client, name: str) -> None:
    carried = hidden(text(ask_for_name(browser)))
    answer = browser.post("/profiles", carried | {"name": name})
    assert answer.status_code == 422
    assert answer.context["saving"].errors.keys() == {"name"}
    assert hidden(text(answer)) == carried
    assert not OrderProfile.objects.exists()


def test_a_name_that_is_taken_may_be_replaced_on_request(
    browser: Client, profile: OrderProfile
) -> None:
    carried = hidden(text(ask_for_name(browser, count="7"))) | {"name": NAME.upper()}
    refused = browser.post("/profiles", carried)
    assert refused.status_code == 422
    assert 'name="replace"' in text(refused)
    assert OrderProfile.objects.get().body == BODY
    browser.post("/profiles", carried | {"replace": "on"})
    assert OrderProfile.objects.get().body == BODY | {"count": 7}
    assert OrderProfile.objects.get().pk == profile.pk


def test_what_was_opened_from_ones_profile_replaces_it_unless_the_tick_is_taken_out(
    browser: Client, profile: OrderProfile
) -> None:
    page = text(ask_for_name(browser, profile=profile.pk))
    assert f'value="{NAME}"' in page
    assert 'name="replace" value="on" checked' in page


def test_a_forged_order_is_refused_in_words(browser: Client) -> None:
    answer = browser.post("/profiles", {"name": NAME, "scheme": "visa", "count": "none"})
    assert answer.status_code == 422
    assert "Write a whole number" in text(answer)


def test_too_many_are_told(browser: Client, user: User) -> None:
    for number in range(100):
        make(user, f"p{number}")
    answer = browser.post("/profiles", hidden(text(ask_for_name(browser))) | {"name": NAME})
    assert "You have 100 profiles" in text(answer)


def test_the_first_page_offers_those_that_changed_last(browser: Client, user: User) -> None:
    for number in range(10):
        make(user, f"p{number}")
    offered = re.findall(r'href="/\?profile=\d+">(p\d)</a>', text(browser.get("/")))
    assert offered == [f"p{number}" for number in range(9, 1, -1)]


def test_one_is_renamed_and_deleted(browser: Client, profile: OrderProfile) -> None:
    page = f"/profiles/{profile.pk}"
    assert f'value="{NAME}"' in text(browser.get(page))
    renamed = browser.post(page, {"name": "nightly"}, follow=True)
    assert "Renamed to “nightly”." in text(renamed)
    assert OrderProfile.objects.get().body == BODY
    gone = browser.post(f"{page}/delete", follow=True)
    assert "The profile “nightly” is deleted." in text(gone)
    assert not OrderProfile.objects.exists()


def test_a_name_that_is_taken_is_told_beside_its_field(
    browser: Client, user: User, profile: OrderProfile
) -> None:
    make(user, "nightly")
    answer = browser.post(f"/profiles/{profile.pk}", {"name": "NIGHTLY"})
    assert answer.status_code == 422
    assert 'id="name-error"' in text(answer)
    profile.refresh_from_db()
    assert profile.name == NAME


def test_its_page_tells_how_programs_order_from_it(browser: Client, profile: OrderProfile) -> None:
    page = text(browser.get(f"/profiles/{profile.pk}"))
    assert f'{{"profile": "{NAME}"}}' in page
    assert "2,000 Visa" in page
    assert '"fields": [\n    "pan",' in page


def test_the_list_has_pages(browser: Client, user: User) -> None:
    for number in range(51):
        make(user, f"p{number}")
    first = text(browser.get("/profiles"))
    second = text(browser.get("/profiles" + re.findall(r'href="(\?after=\d+)"', first)[0]))
    assert (">p50<" in first, ">p0<" in first, ">p0<" in second) == (True, False, True)


@pytest.mark.parametrize("name", ["odd", "99999999999", "1" * 16])
def test_what_is_not_there_is_not_found(browser: Client, name: str) -> None:
    assert browser.get(f"/?profile={name}").status_code == 404
    assert browser.get(f"/profiles/{name}").status_code == 404


def test_others_are_told_of_none(browser: Client, other_user: User) -> None:
    theirs = make(other_user, "theirs")
    page = f"/profiles/{theirs.pk}"
    for answer in (
        browser.get(page),
        browser.post(page, {"name": "x"}),
        browser.post(f"{page}/delete"),
        browser.get(f"/?profile={theirs.pk}"),
    ):
        assert answer.status_code == 404
    assert "theirs" not in text(browser.get("/profiles")) + text(browser.get("/"))
    assert OrderProfile.objects.get().name == "theirs"


def test_a_member_opens_a_teams_and_saves_it_as_their_own(
    browser: Client, user: User, other_user: User
) -> None:
    make_team("checkout", user, other_user)
    theirs = make(other_user, team="checkout")
    page = f"/profiles/{theirs.pk}"
    assert "of other" in text(browser.get(page))
    assert "Rename" not in text(browser.get(page))
    assert browser.post(page, {"name": "x"}).status_code == 403
    assert browser.post(f"{page}/delete").status_code == 403
    asked = text(ask_for_name(browser, profile=theirs.pk, team="checkout"))
    browser.post("/profiles", hidden(asked) | {"name": NAME})
    assert OrderProfile.objects.filter(name=NAME).count() == 2


def test_who_may_not_order_sees_names_and_no_buttons(user: User, catalogue: None) -> None:
    viewer = make_user("viewer", role=Role.VIEWER)
    make_team("checkout", user, viewer)
    made, client = make(user, team="checkout"), Client()
    client.force_login(viewer)
    page = text(client.get("/profiles"))
    assert NAME in page
    assert f"/?profile={made.pk}" not in page
    assert client.post("/profiles", {"name": "x"}).status_code == 403


def test_who_may_not_order_is_not_sent_to_a_form(catalogue: None) -> None:
    client = Client()
    client.force_login(make_user("viewer", role=Role.VIEWER))
    page = text(client.get("/profiles"))
    assert "What your teams save as a profile is listed here" in page
    assert "order form" not in page


def test_a_name_is_shown_as_the_text_it_is(browser: Client, user: User) -> None:
    made = make(user, "<script>alert(1)</script>")
    for path in ("/", "/profiles", f"/profiles/{made.pk}", f"/?profile={made.pk}"):
        assert "<script>alert" not in browser.get(path).content.decode()
