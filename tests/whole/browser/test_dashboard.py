"""A tester's first minutes: sign in, start a job, watch it, download the cards."""

import csv
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import violations
from tests.whole.browser.conftest import sign_in

pytestmark = [pytest.mark.timeout(240)]

COUNT = 600_000


def order(page: Page, *, count: str) -> None:
    """Fill the form and send it."""
    page.get_by_label("Number of cards").fill(count)
    page.get_by_label("Label").fill("browser test")
    page.get_by_role("button", name="Start job").click()
    expect(page.get_by_role("heading", name="browser test")).to_be_visible()


def values_until_full(page: Page, *, patience: float = 120.0) -> list[int]:
    """Watch the bar until it is full; return its values in order, each once."""
    seen: list[int] = []
    until = time.monotonic() + patience
    while time.monotonic() < until:
        value = int(page.get_by_role("progressbar").evaluate("bar => bar.value"))
        if not seen or seen[-1] != value:
            seen.append(value)
        if value == COUNT:
            return seen
        time.sleep(0.02)
    raise AssertionError(f"the bar stopped at {seen[-3:]} of {COUNT}")


@pytest.mark.usefixtures("minting")
def test_a_job_is_watched_live_to_its_end_and_every_card_is_downloaded(
    page: Page, complaints: list[str], tmp_path: Path
) -> None:
    sign_in(page)
    order(page, count=f"{COUNT:,}")
    page.evaluate("window.neverReloaded = true")

    seen = values_until_full(page)
    expect(page.locator("[data-page] .badge")).to_have_text("succeeded")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    download.value.save_as(tmp_path / "cards.csv")

    assert page.evaluate("window.neverReloaded") is True
    assert seen == sorted(seen), "the bar went backwards"
    assert len([value for value in seen if 0 < value < COUNT]) >= 2, seen
    page.locator("#pace-table summary").click()
    assert page.locator("#pace-table tbody tr").count() >= 2
    assert page.title().startswith("100 %")
    assert distinct_numbers(tmp_path / "cards.csv") == COUNT
    assert complaints == []


@pytest.mark.usefixtures("minting")
def test_the_chunks_of_a_running_job_are_read_anew(page: Page) -> None:
    sign_in(page)
    order(page, count="5,000,000")
    done = page.locator("#outcome [data-chunk=done]").first
    expect(done).to_be_attached(timeout=30_000)
    expect(page.locator("[data-page] .badge")).to_have_text("running")


@pytest.mark.usefixtures("minting")
def test_a_job_that_is_started_elsewhere_turns_up_on_an_open_dashboard(
    page: Page, complaints: list[str]
) -> None:
    sign_in(page)
    expect(page.get_by_text("No jobs yet")).to_be_visible()
    elsewhere = page.context.new_page()
    elsewhere.goto("/")
    order(elsewhere, count="1,000")

    line = page.get_by_role("listitem").filter(has_text="browser test")
    expect(line.get_by_text("succeeded")).to_be_visible(timeout=30_000)
    expect(line.get_by_role("link", name="Download CSV")).to_be_visible()
    expect(page.get_by_text("No jobs yet")).to_be_hidden()
    assert complaints == []


@pytest.mark.usefixtures("minting")
def test_without_a_socket_the_bar_gets_there_by_polling(page: Page) -> None:
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    sign_in(page)
    order(page, count=f"{COUNT:,}")

    expect(page.get_by_text("polling")).to_be_visible(timeout=10_000)
    seen = values_until_full(page)
    assert seen == sorted(seen), "the bar went backwards"
    expect(page.get_by_role("link", name="Download CSV")).to_be_visible()


def test_pages_we_did_not_write_obey_the_content_security_policy_too(
    page: Page, complaints: list[str]
) -> None:
    page.goto("/api/docs")
    expect(page.get_by_text("/api/v1/cards/generate-async", exact=True)).to_be_visible()
    page.goto("/admin/login/", wait_until="networkidle")
    assert complaints == []


def distinct_numbers(file: Path) -> int:
    """Count the different PANs of a CSV file that has one row for each."""
    with file.open(newline="") as lines:
        numbers = [row["pan"] for row in csv.DictReader(lines)]
    assert len(numbers) == len(set(numbers))
    return len(set(numbers))


@pytest.mark.usefixtures("minting")
def test_a_job_is_paused_resumed_and_cancelled_with_the_buttons(
    page: Page, complaints: list[str]
) -> None:
    sign_in(page)
    order(page, count="5,000,000")
    badge = page.locator("[data-page] .badge")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(badge).to_have_text("paused")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Resume").click()
    expect(badge).to_have_text("running", timeout=20_000)
    expect(page.get_by_role("button", name="Resume")).to_be_hidden()

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Cancel").click()
    expect(badge).to_have_text("running")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    expect(badge).to_have_text("cancelled", timeout=20_000)
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(page.get_by_role("button", name="Order again")).to_be_visible()
    expect(page.get_by_role("link", name="Download CSV")).to_be_visible()
    assert complaints == []


def test_the_reference_has_no_fault_that_axe_finds(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/api/docs")
        page.locator("summary").first.click()
        assert violations(page) == []
