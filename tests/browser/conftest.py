"""A real Chromium, if this machine has one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, sync_playwright

from tests.processes import web, worker

PASSWORD = "correct horse battery staple"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture
def site(transactional_db: None, catalogue: None, tmp_path: Path) -> Iterator[str]:
    """The whole service in processes of its own, with the user `tester`; gives its address."""
    User.objects.create_user("tester", password=PASSWORD)
    # Small chunks, so that a job of some seconds has many steps to be seen.
    small = {"CARDGEN_CHUNK_CARDS": "5000"}
    with worker(tmp_path / "worker.log", **small), web(tmp_path / "web.log", **small) as address:
        yield address


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """A page in a fresh browser; it ends before the database is used again by the test itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=_ARGUMENTS)
        context = browser.new_context(accept_downloads=True, base_url=site)
        yield context.new_page()
        browser.close()


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        message = "no Chromium: apt-get install chromium (`make test` does it where it may)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found
