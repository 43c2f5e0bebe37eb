"""The order form as people use it: by mouse, by keyboard alone, and without JavaScript."""

import pytest
from playwright.sync_api import Locator, Page, expect

from generation import tiers
from generation.models import Tier
from tests.support.actors import somebody
from tests.support.keys import make_root
from tests.whole.browser.conftest import PASSWORD, sign_in
from uniqueness import registry

pytestmark = [pytest.mark.timeout(240)]


@pytest.fixture
def all_tiers(catalogue: None) -> None:
    """Brand shapes are switched on, so that schemes have several tiers."""
    make_root(password=PASSWORD)
    registry.switch_tier(
        tier=Tier.BRAND_SHAPE, on=True, reason="for browser tests", actor=somebody("root")
    )


def scheme(page: Page) -> Locator:
    """The choice of the scheme."""
    return page.get_by_label("Scheme", exact=True)


def test_the_promise_follows_scheme_count_and_range(
    all_tiers: None, page: Page, complaints: list[str]
) -> None:
    sign_in(page)
    promises = page.locator("#promises")
    expect(promises).to_contain_text(tiers.PROMISES[Tier.SCHEME_TEST])
    expect(promises).not_to_contain_text(tiers.PROMISES[Tier.BRAND_SHAPE], use_inner_text=True)

    scheme(page).select_option("amex")
    expect(promises).to_contain_text(tiers.PROMISES[Tier.BRAND_SHAPE], use_inner_text=True)
    scheme(page).select_option("visa")
    page.get_by_text("More options").click()
    page.get_by_label("Issuer range").select_option("411111-16")
    expect(promises).to_contain_text(tiers.PROMISES[Tier.BRAND_SHAPE], use_inner_text=True)
    expect(promises).to_contain_text("numbers left.")
    assert complaints == []


def test_only_ranges_of_the_scheme_can_be_chosen(page: Page) -> None:
    sign_in(page)
    page.get_by_text("More options").click()
    ranges = page.get_by_label("Issuer range")
    ranges.select_option("412345-16")
    scheme(page).select_option("mastercard")
    expect(ranges).to_have_value("")
    open_groups = ranges.evaluate(
        "list => [...list.querySelectorAll('optgroup:not(:disabled)')].map(group => group.label)"
    )
    assert open_groups == ["Mastercard"]


def test_the_request_follows_the_form_and_starts_nothing(page: Page, complaints: list[str]) -> None:
    sign_in(page)
    request = page.locator("#curl")
    expect(request).to_contain_text('{"scheme": "visa", "count": 1000}')
    expect(page.get_by_role("button", name="Show a preview")).to_be_hidden()

    page.get_by_text("More options").click()
    page.get_by_label("Negative cards").select_option("luhn")
    expect(request).to_contain_text('"defect": "luhn"')
    page.get_by_label("CVV", exact=True).fill("123")
    expect(request).to_contain_text('"cvv": "123"')
    page.get_by_role("button", name="100,000").click()
    expect(request).to_contain_text('"count": 100000')
    expect(page.get_by_text("No jobs yet")).to_be_visible()
    assert complaints == []


def test_a_wrong_form_comes_back_as_it_was_with_the_first_error_in_focus(page: Page) -> None:
    sign_in(page)
    page.get_by_text("More options").click()
    page.get_by_label("CVV", exact=True).fill("12")
    page.get_by_label("Postcode", exact=True).fill("90210")
    page.get_by_role("button", name="Start job").click()

    cvv = page.get_by_label("CVV", exact=True)
    expect(cvv).to_be_focused()
    expect(cvv).to_have_value("12")
    expect(cvv).to_have_accessible_description("Write 3 or 4 digits.")
    expect(page.get_by_label("Postcode", exact=True)).to_have_value("90210")


@pytest.mark.usefixtures("minting")
def test_an_order_with_options_is_made_by_keyboard_alone(page: Page) -> None:
    sign_in(page)
    page.get_by_label("Label").focus()
    page.keyboard.type("by keyboard")
    press(page, "Tab", "Enter", "Tab", "Tab")  # open the options, pass the ranges
    expect(page.get_by_label("Negative cards")).to_be_focused()
    page.keyboard.type("Expired")
    press(page, "Tab", "Tab")  # pass the order of the numbers
    expect(page.get_by_label("Priority")).to_be_focused()
    press(page, "Tab", "Space")
    expect(page.get_by_label("No two cards end in the same four digits")).to_be_checked()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="by keyboard")).to_be_visible()
    ordered = page.get_by_role("region", name="What was ordered")
    expect(ordered).to_contain_text("expired")
    expect(ordered).to_contain_text("no two cards alike")


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.usefixtures("minting")
def test_without_javascript_everything_can_be_ordered(plain_page: Page) -> None:
    page = plain_page
    sign_in(page)
    expect(page.locator("#promises")).to_contain_text(tiers.PROMISES[Tier.RESERVED])
    page.get_by_text("More options").click()
    page.get_by_label("Issuer range").select_option("412345-16")
    page.get_by_text("Fields in the files").click()
    page.get_by_role("checkbox", name="pvv").check()
    page.get_by_role("button", name="Show a preview").click()
    expect(page.locator("#curl")).to_contain_text('{"range": "412345-16", "count": 1000,')
    expect(page.get_by_role("checkbox", name="pvv")).to_be_checked()

    page.get_by_role("button", name="Start job").click()
    expect(page.get_by_role("region", name="What was ordered")).to_contain_text("412345-16")
    expect(page.get_by_role("link", name="Download Excel")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize(
    "path", ["/", "/admin/generation/tierswitch/", "/admin/generation/tierswitch/owned/switch/"]
)
def test_no_page_is_wider_than_a_phone(all_tiers: None, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, name="root")
    page.goto(path)
    expect(page.get_by_text("Switch" if "admin" in path else "Start job").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_options_fit_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page)
    page.get_by_text("More options").click()
    page.get_by_text("Fields in the files").click()
    expect(page.locator("#curl")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
