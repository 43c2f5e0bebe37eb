"""The pictures of README and docs: taken by `make screenshots`, from the service as tests start it.

No test by its name, so no run of all tests takes them.
"""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from jobs.models import Job
from tests.support.browsing import DESK, PHONE, THEMES, looking
from tests.support.keys import create_key
from tests.whole.browser.conftest import sign_in

FOLDER = settings.BASE_DIR / "docs" / "images" / "pages"
ORDERS = (
    {"Label": "checkout regression", "Number of cards": "100,000"},
    {"Number of cards": "2", "Negative cards": "luhn"},
    {"Label": "nightly load", "Number of cards": "3 million"},
)


def order(page: Page, fields: dict[str, str]) -> None:
    """Start a job."""
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


@pytest.fixture
def names(page: Page) -> dict[str, str]:
    """Jobs that ended, that run and that an API key ordered; each picture's address."""
    sign_in(page)
    for fields in ORDERS:
        order(page, fields)
        if fields["Number of cards"] != "3 million":
            expect(page.get_by_role("link", name="Download CSV")).to_be_visible(timeout=60_000)
    job = Job.objects.get(label="nightly load")
    key = create_key(user=job.owner, name="ci-main")
    for _ in range(7):
        headers = {"Authorization": f"Bearer {key}"}
        body = {"scheme": "mastercard", "count": 2}
        page.request.post("/api/v1/cards/generate", data=body, headers=headers)
    done = Job.objects.get(defect="luhn").id
    return {
        "order": "/",
        "overview": "/overview",
        "jobs": "/jobs",
        "job": f"/jobs/{done}",
        "running": f"/jobs/{job.id}",
        "design": "/design",
    }


@pytest.mark.timeout(400)
def test_take_them(browser: Browser, site: str, page: Page, names: dict[str, str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    state = page.context.storage_state()
    for theme in THEMES:
        for width in (PHONE, DESK):
            with looking(browser, site=site, width=width, theme=theme, state=state) as looked:
                for name, path in names.items():
                    looked.goto(path)
                    looked.wait_for_timeout(1_500)
                    file = FOLDER / f"{name}-{theme}-{width}.png"
                    looked.screenshot(path=file, full_page=True)
