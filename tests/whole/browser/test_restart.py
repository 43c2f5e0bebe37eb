"""The web process of an open page ends, and the page goes on with another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.keys import make_user
from tests.support.processes import PATIENCE, Webs, end, webs
from tests.whole.browser.conftest import PASSWORD, sign_in


@pytest.fixture
def several(transactional_db: None, catalogue: None, tmp_path: Path) -> Iterator[Webs]:
    """A web process in whose place others may come, with the user `tester`."""
    make_user("tester", password=PASSWORD)
    with webs(tmp_path / "web.log", 1) as found:
        yield found


@pytest.fixture
def site(several: Webs) -> str:
    """The address that all of them have."""
    return f"http://127.0.0.1:{several.port}"


def test_a_page_is_live_again_by_itself_when_its_web_process_is_replaced(
    page: Page, several: Webs
) -> None:
    sign_in(page)
    live = page.locator('[data-live="live"]')
    expect(live).to_be_visible()
    page.evaluate("window.neverReloaded = true")

    several.start()
    with page.expect_websocket(timeout=PATIENCE * 1_000):
        end(several.children[0])
    expect(live).to_be_visible(timeout=PATIENCE * 1_000)
    assert page.evaluate("window.neverReloaded") is True
    assert several.children[0].wait(PATIENCE) == 0
