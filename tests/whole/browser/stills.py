"""The numbered stills of docs/dashboard.md: a job from form to file, Valkey killed in the middle.

No test by its name: `make screenshots` takes them.
"""

from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.support.valkeys import Valkey
from tests.whole.browser.test_valkey_killed import doomed, follow, site

__all__ = ["doomed", "site"]  # fixtures: they take the place of the folder's own

FOLDER = settings.BASE_DIR / "docs" / "images" / "stills"


@pytest.mark.timeout(400)
def test_take_them(browser: Browser, site: str, doomed: Valkey, tmp_path: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    size = {"width": 900, "height": 640}
    page = browser.new_context(base_url=site, viewport=size, accept_downloads=True).new_page()
    numbers = count(1)

    def still(name: str) -> None:
        page.wait_for_timeout(300)
        page.screenshot(path=FOLDER / f"{next(numbers)}-{name}.png")

    follow(page, doomed, folder=tmp_path, still=still)
