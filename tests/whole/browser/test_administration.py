"""The pages of administration by browser: for everybody, by keyboard, and without JavaScript."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from generation.models import IssuerRange
from tests.support.browsing import DESK, PHONE, THEMES, looking, overflow, violations, weight
from tests.support.fixtures import Submit
from tests.support.keys import make_root, make_user
from tests.support.teams import make_team
from tests.support.work import mint_one_chunk
from tests.whole.browser.conftest import PASSWORD, sign_in, tab_to
from uniqueness.models import Card

pytestmark = [pytest.mark.timeout(300)]

HEAVIEST = 150_000  # bytes
LINES = b"5999990000000004\n5999990000000005\nbad\n12345\n"
MANY = b"".join(b"599999%010d\n" % place for place in range(200_000))  # 3.4 MB
PEOPLE, TEAMS = "/administration/people", "/administration/teams"
EXCLUSIONS, TIER = "/administration/exclusions", "/administration/tiers/brand_shape"
RANGE = "/administration/ranges/412345-16"


@pytest.fixture
def places(transactional_db: None, catalogue: None) -> list[str]:
    """Two people, a team, a range that is off, made before the service; the pages to look at."""
    root = make_root(password=PASSWORD)
    ann = make_user("ann.with.a.long.name@department.example.com", password=PASSWORD)
    User.objects.create_user("bob", is_active=False)
    team = make_team("checkout", ann)
    IssuerRange.objects.filter(iin="400000").update(enabled=False)
    one = f"{PEOPLE}/{ann.pk}"
    people = [PEOPLE, f"{PEOPLE}?q=nobody", one, f"{one}/switch", f"{one}/password", f"{one}/quota"]
    teams = [TEAMS, f"{TEAMS}/{team.pk}", f"{TEAMS}/{team.pk}/rename"]
    others = [*teams, EXCLUSIONS, TIER, "/ranges", RANGE, "/administration/settings"]
    return [*people, f"{PEOPLE}/{root.pk}", *others]


@pytest.fixture
def site(places: list[str], web_alone: str) -> str:
    """A web process alone; gives its address."""
    return web_alone


def make_somebody(page: Page, name: str) -> None:
    """Fill and send the form of a new user."""
    page.goto(PEOPLE)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add, and make a password").click()


def send(page: Page, content: bytes, *, button: str) -> None:
    """Fill and send the form of an import."""
    page.goto(EXCLUSIONS)
    file = {"name": "bank.txt", "mimeType": "text/plain", "buffer": content}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Reason").fill("list of the acquirer")
    page.get_by_role("button", name=button).click()


def seen(page: Page) -> list[str]:
    """What is wrong with a page as it stands."""
    found = violations(page)
    found += [f"wider by {over}" for over in [overflow(page)] if over]
    return found + [f"{size} bytes" for size in [weight(page)] if size > HEAVIEST]


def test_every_page_is_for_everybody(
    places: list[str], browser: Browser, site: str, page: Page
) -> None:
    sign_in(page, name="root")
    state, wrong = page.context.storage_state(), []
    for theme in THEMES:
        for width in (PHONE, DESK):
            with looking(browser, site=site, width=width, theme=theme, state=state) as looked:
                for path in places:
                    looked.goto(path)
                    wrong += [f"{path} {theme} {width}: {found}" for found in seen(looked)]
                make_somebody(looked, "no such name")
                wrong += [f"refused {theme} {width}: {found}" for found in seen(looked)]
                make_somebody(looked, f"new-{theme}-{width}")
                expect(looked.get_by_text("It is shown this once")).to_be_visible()
                wrong += [f"made {theme} {width}: {found}" for found in seen(looked)]
                for content in (b"bad\n12\n", LINES):
                    send(looked, content, button="Only report")
                    expect(looked.get_by_role("heading", name="Lines left out")).to_be_visible()
                    wrong += [f"report {theme} {width}: {found}" for found in seen(looked)]
    assert wrong == [], "\n".join(wrong)


@pytest.fixture
def issued(places: list[str], submit: Submit) -> bytes:
    """A file with numbers that cards have already, and with others."""
    mint_one_chunk(submit(scheme="mastercard", count=3))
    numbers = Card.objects.values_list("pan", flat=True)
    return LINES + "\n".join(numbers).encode()


def test_what_an_import_brought_is_for_everybody(
    issued: bytes, browser: Browser, site: str, page: Page
) -> None:
    sign_in(page, name="root")
    state, wrong = page.context.storage_state(), []
    for theme in THEMES:
        for width in (PHONE, DESK):
            with looking(browser, site=site, width=width, theme=theme, state=state) as looked:
                send(looked, issued, button="Import")
                expect(looked.get_by_role("heading", name="that are cards: 3")).to_be_visible()
                wrong += [
                    f"import {theme} {width}: {found}" for found in [*seen(looked), *cut(looked)]
                ]
                send_to_admin(looked, issued)
                expect(looked.get_by_role("heading", name="Imported")).to_be_visible()
                wrong += [f"admin {theme} {width}: {found}" for found in cut(looked)]
    assert wrong == [], "\n".join(wrong)


def send_to_admin(page: Page, content: bytes) -> None:
    """Fill and send the admin's form of an import."""
    page.goto("/admin/uniqueness/exclusion/import/")
    file = {"name": "bank.txt", "mimeType": "text/plain", "buffer": content}
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Reason").fill("list of the acquirer")
    page.get_by_label("Dry run").uncheck()
    page.get_by_role("button", name="Import").click()


def cut(page: Page) -> list[str]:
    """Lines that one cannot read to their end, and bullets beside their box."""
    found: list[str] = page.evaluate(
        """() => [
            ...[...document.querySelectorAll('pre')].filter(
                (one) => one.scrollWidth > one.clientWidth),
            ...[...document.querySelectorAll('section ul')].filter((one) => {
                const style = getComputedStyle(one);
                return style.listStyleType !== 'none' && parseFloat(style.paddingLeft) < 16;
            }),
        ].map((one) => `${one.tagName}: ${one.textContent.slice(0, 60)}`)"""
    )
    return found


def test_somebody_is_made_and_switched_off_by_keyboard(page: Page, complaints: list[str]) -> None:
    sign_in(page, name="root")
    page.goto(PEOPLE)
    tab_to(page.get_by_label("Name", exact=True))
    page.keyboard.type("carl")
    tab_to(page.get_by_label("tester: orders cards"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    password = page.locator("#password").inner_text()
    assert len(password) == 16
    tab_to(page.get_by_role("link", name="carl"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("operator: sees and controls")).to_be_checked()
    tab_to(page.get_by_role("link", name="Switch off"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_label("Why"))
    page.keyboard.type("left the company")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("carl is off.")).to_be_visible()
    assert complaints == []


def test_people_and_teams_without_javascript(plain_page: Page) -> None:
    page = plain_page
    sign_in(page, name="root")
    make_somebody(page, "carl")
    page.get_by_role("link", name="carl").click()
    page.get_by_label("checkout").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("carl is changed.")).to_be_visible()
    page.get_by_role("link", name="New password").click()
    page.get_by_role("button", name="Make a new password").click()
    expect(page.get_by_role("heading", name="The password of carl")).to_be_visible()
    page.goto(TEAMS)
    page.get_by_role("link", name="checkout").click()
    page.get_by_label("Names of users").fill("root, carl")
    page.get_by_role("button", name="Add to the team").click()
    expect(page.get_by_role("heading", name="3 members")).to_be_visible()
    page.get_by_role("button", name="Take carl out").click()
    expect(page.get_by_text("carl is out of the team.")).to_be_visible()


def test_a_large_file_is_reported_then_imported_without_javascript(plain_page: Page) -> None:
    sign_in(plain_page, name="root")
    send(plain_page, MANY, button="Only report")
    expect(plain_page.get_by_text("200,000 new numbers would")).to_be_visible(timeout=60_000)
    expect(plain_page.get_by_role("heading", name="Report: nothing was changed")).to_be_visible()
    send(plain_page, LINES, button="Import")
    expect(plain_page.get_by_role("heading", name="Imported")).to_be_visible()
    expect(plain_page.get_by_text("2 new numbers excluded.")).to_be_visible()


def test_a_tier_is_switched_by_keyboard(page: Page, complaints: list[str]) -> None:
    sign_in(page, name="root")
    page.goto("/administration")
    tab_to(page.get_by_role("link", name="Switch on brand_shape"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_label("Why"))
    page.keyboard.type("the wallet team tests")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The tier brand_shape is on.")).to_be_visible()
    assert complaints == []
