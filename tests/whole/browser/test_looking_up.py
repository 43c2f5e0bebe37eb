"""Cards looked up, files scanned, a proof asked for, the pages of administrators: by browser."""

import gzip
import re
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from jobs import orders, results
from jobs.orders import Origin
from tests.support.browsing import DESK, PHONE, looking, overflow, violations
from tests.support.fixtures import an_order, silent
from tests.support.keys import make_root
from tests.support.processes import reconciler
from tests.support.work import mint_one_chunk
from tests.whole.browser.conftest import PASSWORD

pytestmark = [pytest.mark.timeout(240)]

FOREIGN = "5999990000000004"
FOR_ADMINISTRATORS = ("/administration", "/administration/audit", "/administration/settings")


@pytest.fixture
def pan(transactional_db: None, catalogue: None) -> str:
    """The number of a card of the administrator `root`, made before the service starts."""
    root = make_root(password=PASSWORD)
    job = orders.submit(order=an_order(count=2), origin=Origin(owner=root), ring=silent)
    mint_one_chunk(job)
    return str(results.page(job, limit=1)[0][0]["pan"])


@pytest.fixture
def damaged(pan: str) -> None:
    """A card that somebody changed in the database, past the service."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE uniqueness_ledger SET cvv = 'xyz' WHERE pan = %s", [pan])


@pytest.fixture
def site(pan: str, web_alone: str) -> str:
    """A web process alone; gives its address."""
    return web_alone


@pytest.fixture
def root(pan: str, page: Page) -> Page:
    """The administrator's browser."""
    return signed_in(page)


def signed_in(page: Page) -> Page:
    """Sign in as `root`."""
    page.goto("/login?next=/account")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="root")).to_be_visible()
    return page


def look_up(page: Page, *numbers: str) -> None:
    """Fill and send the form."""
    page.goto("/check")
    page.get_by_label("One number or many").fill("\n".join(numbers))
    page.get_by_role("button", name="Look up").click()


def send(page: Page, content: bytes, *, name: str = "some.log") -> None:
    """Choose a file and have it scanned."""
    page.goto("/scan")
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.get_by_label("choose a file").set_input_files(file)
    page.get_by_role("button", name="Scan").click()


def test_cards_are_found_copied_looked_up_and_scanned(
    pan: str, root: Page, complaints: list[str]
) -> None:
    copy_two_clicks_away(root)
    send_packed(root, pan)
    assert complaints == []


def copy_two_clicks_away(page: Page) -> None:
    """Copy the card that Stripe declines, as over plain HTTP: scripts have no clipboard there."""
    page.goto("/test-cards")
    page.get_by_role("link", name=re.compile(r"^Stripe \d+$")).click()
    page.get_by_role("link", name=re.compile(r"^Insufficient funds \d+$")).click()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_role("button", name="Copy 4000 0000 0000 9995").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    typed = page.get_by_label("Words, first digits or a number")
    typed.press("Control+V")
    expect(typed).to_have_value("4000000000009995")


def send_packed(page: Page, pan: str) -> None:
    """Have three pieces scanned: the number keeps its line."""
    lines = [b"nothing to see in this line"] * 100_000
    lines[90_000] = f"pan={pan}".encode()
    send(page, gzip.compress(b"\n".join(lines)), name="some.log.gz")
    row = page.locator("[data-rows] tr")
    expect(row).to_have_count(1, timeout=60_000)
    expect(row).to_contain_text("90001:5")
    expect(row).to_contain_text("Issued here")
    expect(page.get_by_text("The file is scanned.")).to_be_attached()


def test_what_is_looked_up_can_be_read_by_everybody(
    pan: str, browser: Browser, site: str, root: Page
) -> None:
    state = root.context.storage_state()
    wrong = []
    for theme, width in (("light", PHONE), ("dark", DESK)):
        with looking(browser, site=site, width=width, theme=theme, state=state) as page:
            for path in FOR_ADMINISTRATORS:
                page.goto(path)
                wrong += seen(page, path)
            look_up(page, pan)
            wrong += seen(page, "one card")
            look_up(page, pan, FOREIGN)
            wrong += seen(page, "two cards")
            send(page, f"{pan}\n".encode())
            expect(page.locator("[data-rows] tr")).to_have_count(1)
            wrong += seen(page, "a scan")
    assert wrong == [], "\n".join(wrong)


def seen(page: Page, where: str) -> list[str]:
    """What is wrong with a page as it stands."""
    wider = [f"wider by {over}" for over in [overflow(page)] if over]
    return [f"{where}: {found}" for found in [*violations(page), *wider]]


def test_a_seeded_fault_turns_the_page_red_and_says_what_to_do(
    damaged: None, browser: Browser, site: str, root: Page, tmp_path: Path
) -> None:
    root.goto("/uniqueness")
    expect(root.get_by_text("All sound")).to_be_visible()
    with reconciler(tmp_path / "reconciler.log"):
        root.get_by_role("button", name="Validate now").click()
        expect(root.get_by_text("Something is wrong", exact=True)).to_be_visible(timeout=60_000)
    expect(root.locator('[data-fault="yes"]')).to_be_visible()
    expect(root.get_by_text("Stop minting first.")).to_be_visible()
    told = root.get_by_role("alert")
    expect(told).to_contain_text("Stop minting (pause the jobs or stop the workers)")
    expect(told).to_contain_text("Not true: every card equals the one re-minted from its key")
    assert seen(root, "a fault") == []
    told.get_by_role("link", name="Pause the queue").click()
    expect(root.get_by_role("button", name="Pause the queue")).to_be_visible()


def test_without_javascript_all_of_it_works(pan: str, plain_page: Page) -> None:
    page = signed_in(plain_page)
    look_up(page, pan)
    expect(page.get_by_text("Issued here")).to_be_visible()
    assert pan not in page.url
    send(page, f"pan={pan}\n".encode())
    expect(page.get_by_role("cell", name="1:5")).to_be_visible()
    page.goto("/uniqueness")
    page.get_by_role("button", name="Validate now").click()
    expect(page.get_by_text("It begins in a moment")).to_be_visible()
    page.goto("/administration")
    page.get_by_label("Why").fill("the disk is full")
    page.get_by_role("button", name="Pause the queue").click()
    expect(page.get_by_text("The queue is paused.")).to_be_visible()
