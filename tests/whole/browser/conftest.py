"""A real Chromium, if this machine has one."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tests.support.keys import make_user
from tests.support.processes import OUTLIVES_TESTS, web, worker

Started = tuple[Browser, asyncio.AbstractEventLoop]
"""A Chromium, and the loop in which calls to it run."""

PASSWORD = "correct horse battery staple"
SMALL = {"CARDGEN_CHUNK_CARDS": "5000"}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="package")
def web_alone(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process for all tests here: they leave nothing behind but rows."""
    with web(tmp_path_factory.mktemp("alone") / "web.log", **OUTLIVES_TESTS) as address:
        yield address


@pytest.fixture(scope="package")
def web_of_small_chunks(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same, for jobs of some seconds with many steps to be seen."""
    log = tmp_path_factory.mktemp("small") / "web.log"
    with web(log, **SMALL, **OUTLIVES_TESTS) as address:
        yield address


@pytest.fixture
def site(web_of_small_chunks: str, transactional_db: None, catalogue: None) -> str:
    """A web process, with the user `tester`; gives its address."""
    make_user("tester", password=PASSWORD)
    return web_of_small_chunks


@pytest.fixture
def minting(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A worker, which mints what the test orders.

    It ends with the test: it would still write when the tables are emptied.
    """
    with worker(tmp_path / "worker.log", **SMALL):
        yield


@pytest.fixture(scope="package")
def chromium() -> Iterator[Started]:
    """One Chromium for all tests here: each takes 1.2 s of CPU to come up."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=_chromium(), args=_ARGUMENTS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield found, loop
        asyncio._set_running_loop(loop)
        found.close()


@pytest.fixture
def browser(chromium: Started, site: str) -> Iterator[Browser]:
    """A browser without a page; its pages close before the test itself uses the database again.

    Only meanwhile this thread has a loop: Django's database refuses one that has.
    """
    found, loop = chromium
    asyncio._set_running_loop(loop)
    try:
        yield found
        for context in found.contexts:
            context.close()
    finally:
        asyncio._set_running_loop(None)


@pytest.fixture
def page(browser: Browser, site: str) -> Page:
    """A page without cookies."""
    return browser.new_context(accept_downloads=True, base_url=site).new_page()


@pytest.fixture
def plain_page(browser: Browser, site: str) -> Page:
    """A page in a browser without JavaScript."""
    return browser.new_context(java_script_enabled=False, base_url=site).new_page()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Everything the browser complains about: errors, exceptions, CSP violations."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.append(f"{message.type}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(f"exception: {error}"))
    return found


def sign_in(page: Page, *, name: str = "tester") -> None:
    """Sign in, as the tester if nobody else is named."""
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="New job")).to_be_visible()


def tab_to(wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        wanted.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def save_profile(page: Page, name: str) -> None:
    """Save the order form that is open under a name, and wait until it is opened from there."""
    page.get_by_role("button", name="Save as a profile").click()
    page.get_by_label("Name", exact=True).first.fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"Saved as the profile “{name}”.")).to_be_visible()


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        message = "no Chromium: apt-get install chromium (`make test` does it where it may)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found
