"""Every page, on a phone and on a desk, light and dark: axe, width, weight, keyboard."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import DESK, PHONE, THEMES, looking, overflow, violations, weight
from tests.whole.browser.conftest import save_profile, sign_in, tab_to

pytestmark = [pytest.mark.timeout(300)]

HEAVIEST = 150_000  # bytes
PAGES = (
    *("/", "/overview", "/ranges", "/jobs", "/jobs?q=none", "/jobs?status=odd", "/design", "/keys"),
    *("/test-cards", "/check", "/scan", "/uniqueness", "/webhooks", "/account", "/profiles"),
)


@pytest.fixture
def shown(minting: None, browser: Browser, page: Page) -> tuple[object, list[str]]:
    """A profile, and a finished job of negative cards; who is signed in, and all pages."""
    sign_in(page)
    save_profile(page, "checkout smoke")
    from_profile = page.url
    page.get_by_role("link", name="checkout smoke").last.click()
    profile = page.url
    page.goto("/")
    page.get_by_text("More options").click()
    page.get_by_label("Negative cards").select_option("luhn")
    page.get_by_label("Number of cards").fill("30")
    page.get_by_role("button", name="Start job").click()
    expect(page.get_by_role("link", name="Download CSV")).to_be_visible(timeout=30_000)
    return page.context.storage_state(), [*PAGES, from_profile, profile, page.url]


def test_every_page_is_for_everybody(
    browser: Browser, site: str, shown: tuple[object, list[str]]
) -> None:
    state, paths = shown
    wrong = []
    for theme in THEMES:
        for width in (PHONE, DESK):
            with looking(browser, site=site, width=width, theme=theme, state=state) as page:
                for path in paths:
                    page.goto(path)
                    where = f"{path} {theme} {width}"
                    wrong += [f"{where}: {found}" for found in violations(page)]
                    wrong += [f"{where}: wider by {over}" for over in [overflow(page)] if over]
                    wrong += [f"{where}: {b} bytes" for b in [weight(page)] if b > HEAVIEST]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.usefixtures("minting")
def test_a_job_is_ordered_watched_and_cancelled_by_keyboard(page: Page) -> None:
    sign_in(page)
    page.get_by_label("Number of cards").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1 million")
    expect(page.get_by_text("This orders 1,000,000 cards.")).to_be_visible()
    page.get_by_label("Label").focus()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="by keyboard")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    tab_to(page.get_by_role("button", name="Cancel", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("cancelled", exact=True).first).to_be_visible(timeout=30_000)

    page.goto("/jobs")
    page.keyboard.press("/")
    page.keyboard.type("keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="by keyboard", exact=True)).to_be_visible()
    assert page.url.endswith("q=keyboard&status=&scheme=&whose=")


@pytest.mark.usefixtures("minting")
def test_the_button_stops_all_updates_and_going_on_shows_what_was_missed(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    elsewhere = page.context.new_page()
    elsewhere.goto("/")
    elsewhere.get_by_label("Label").fill("meanwhile")
    elsewhere.get_by_role("button", name="Start job").click()
    expect(elsewhere.get_by_text("succeeded", exact=True).first).to_be_visible(timeout=30_000)

    expect(page.get_by_role("link", name="meanwhile")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("link", name="meanwhile", exact=True)).to_be_visible()
    expect(page.get_by_text("updated just now")).to_be_visible()


@pytest.mark.usefixtures("minting")
def test_chosen_jobs_are_cancelled_without_javascript(plain_page: Page) -> None:
    sign_in(plain_page)
    plain_page.get_by_label("Number of cards").fill("2 million")
    plain_page.get_by_role("button", name="Start job").click()
    plain_page.goto("/jobs")
    plain_page.get_by_label("all 1 that match").check()
    plain_page.get_by_role("button", name="Cancel").click()
    plain_page.get_by_role("button", name="Cancel 1 job").click()
    expect(plain_page.get_by_role("heading", name="1 job cancelled")).to_be_visible()
