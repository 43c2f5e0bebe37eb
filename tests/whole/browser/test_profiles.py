"""Profiles as people use them: saved from the form, opened as one, by keyboard and without JS."""

import pytest
from playwright.sync_api import Page, expect

from tests.whole.browser.conftest import save_profile, sign_in

pytestmark = [pytest.mark.timeout(240)]


def fill_in(page: Page) -> None:
    """Fill the form with an order that uses folded options too."""
    page.locator("#label").fill("smoke")
    page.get_by_label("Number of cards").fill("2,000")
    page.get_by_text("More options").click()
    page.get_by_label("Negative cards").select_option("luhn")


def expect_filled_in(page: Page) -> None:
    """Look for what `fill_in` wrote."""
    expect(page.locator("#label")).to_have_value("smoke")
    expect(page.get_by_label("Number of cards")).to_have_value("2,000")
    expect(page.get_by_label("Negative cards")).to_have_value("luhn")


@pytest.mark.usefixtures("minting")
def test_a_form_is_saved_opened_changed_and_ordered(page: Page, complaints: list[str]) -> None:
    sign_in(page)
    fill_in(page)
    save_profile(page, "checkout smoke")
    expect_filled_in(page)

    page.goto("/")
    page.get_by_role("navigation", name="Profiles").get_by_role("link").click()
    expect_filled_in(page)
    page.get_by_label("Number of cards").fill("3,000")
    expect(page.get_by_text("This orders 3,000 cards.")).to_be_visible()
    page.get_by_role("button", name="Save as a profile").click()
    expect(page.get_by_label("Replace my profile of that name")).to_be_checked()
    expect(page.get_by_label("Name", exact=True).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Number of cards")).to_have_value("3,000")
    page.get_by_role("button", name="Start job").click()
    expect(page.get_by_role("heading", name="smoke")).to_be_visible()
    expect(page.get_by_role("region", name="What was ordered")).to_contain_text("3,000")
    assert complaints == []


@pytest.mark.usefixtures("minting")
def test_without_javascript_one_is_saved_opened_ordered_renamed_and_deleted(
    plain_page: Page,
) -> None:
    page = plain_page
    sign_in(page)
    fill_in(page)
    save_profile(page, "checkout smoke")
    page.goto("/profiles")
    page.get_by_role("link", name="Open checkout smoke as a form").click()
    expect_filled_in(page)
    page.get_by_role("button", name="Start job").click()
    expect(page.get_by_role("region", name="What was ordered")).to_contain_text("2,000")

    page.goto("/profiles")
    page.get_by_role("link", name="checkout smoke", exact=True).click()
    expect(page.locator("#curl")).to_contain_text('{"profile": "checkout smoke"}')
    page.get_by_label("Name", exact=True).fill("nightly")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="nightly", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete nightly").click()
    expect(page.get_by_text("None yet")).to_be_visible()
