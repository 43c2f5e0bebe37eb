"""The pictures of README and docs: taken by `make screenshots`, from the service as tests start it.

No test by its name, so no run of all tests takes them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, StorageState, expect

from jobs.models import OrderProfile
from tests.support.browsing import DESK, PHONE, THEMES, looking
from tests.support.keys import create_key, make_user
from tests.support.processes import reconciler
from tests.support.teams import make_team
from tests.whole.browser.conftest import PASSWORD, sign_in
from toolkit.rights import Role

FOLDER = settings.BASE_DIR / "docs" / "images" / "pages"
PLACES = {
    "order": "/",
    "overview": "/overview",
    "jobs": "/jobs",
    "profiles": "/profiles",
    "check": "/check",
    "test-cards": "/test-cards?provider=stripe&q=insufficient",
    "uniqueness": "/uniqueness",
    "keys": "/keys",
    "webhooks": "/webhooks",
    "account": "/account",
}
OF_ADMINISTRATORS = {
    "administration": "/administration",
    "people": "/administration/people",
    "teams": "/administration/teams",
    "exclusions": "/administration/exclusions",
    "tier": "/administration/tiers/brand_shape",
    "audit": "/administration/audit",
    "settings": "/administration/settings",
    "ranges": "/ranges",
    "admin": "/admin/",
}
ORDERS = (
    {"Label": "checkout regression", "Number of cards": "100,000"},
    {"Number of cards": "2", "Negative cards": "luhn"},
    {"Label": "nightly load", "Number of cards": "3 million"},
)


def order(page: Page, fields: dict[str, str]) -> str:
    """Start a job; return the address of its page."""
    page.goto("/")
    page.get_by_text("More options").click()
    for label, value in fields.items():
        place = page.locator("#label") if label == "Label" else page.get_by_label(label)
        if label == "Negative cards":
            place.select_option(value)
        else:
            place.fill(value)
    page.get_by_role("button", name="Start job").click()
    page.wait_for_url("**/jobs/*")
    return page.url


@pytest.fixture
def whole(site: str, minting: None, tmp_path: Path) -> Iterator[None]:
    """What the other tests of pages do without, and the overview would call missing."""
    with reconciler(tmp_path / "reconciler.log"):
        yield


@pytest.fixture
def key(whole: None) -> str:
    """A key of the tester, made before the browser: the database must not meet its loop."""
    boss = make_user("ada", role=Role.ADMINISTRATOR, password=PASSWORD)
    tester = User.objects.get(username="tester")
    make_team("checkout", boss, tester)
    OrderProfile.objects.create(
        owner=tester, place=0, name="checkout smoke", body={"scheme": "visa", "count": 2_000}
    )
    return create_key(user=tester, name="ci-main")


@pytest.fixture
def names(key: str, page: Page) -> dict[str, str]:
    """Jobs that ended, that run and that an API key ordered; each picture's address."""
    sign_in(page)
    _, done, running = [order(page, fields) for fields in ORDERS]
    page.goto(done)
    expect(page.get_by_role("link", name="Download CSV")).to_be_visible(timeout=60_000)
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(7):
        body = {"scheme": "mastercard", "count": 2}
        page.request.post("/api/v1/cards/generate", data=body, headers=headers)
    return PLACES | {"job": done, "running": running}


@pytest.mark.timeout(400)
def test_take_them(names: dict[str, str], browser: Browser, site: str, page: Page) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    take(names, browser=browser, site=site, state=page.context.storage_state())


@pytest.mark.timeout(400)
def test_take_those_of_administrators(key: str, browser: Browser, site: str, page: Page) -> None:
    sign_in(page, name="ada")
    take(OF_ADMINISTRATORS, browser=browser, site=site, state=page.context.storage_state())


def take(names: dict[str, str], *, browser: Browser, site: str, state: StorageState) -> None:
    """Take a picture of each address, in both themes and at both widths."""
    for theme in THEMES:
        for width in (PHONE, DESK):
            with looking(browser, site=site, width=width, theme=theme, state=state) as looked:
                for name, path in names.items():
                    looked.goto(path)
                    looked.wait_for_timeout(1_500)
                    file = FOLDER / f"{name}-{theme}-{width}.png"
                    looked.screenshot(path=file, full_page=True)
