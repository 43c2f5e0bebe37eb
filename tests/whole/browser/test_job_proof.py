"""Prove now, on a job's page: no reload, and the word of the reconciler's process."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import violations
from tests.support.processes import reconciler
from tests.whole.browser.conftest import sign_in
from tests.whole.browser.test_dashboard import order

pytestmark = [pytest.mark.timeout(240)]


@pytest.mark.usefixtures("minting")
def test_a_job_is_proven_at_a_press_and_its_page_says_so(
    page: Page, complaints: list[str], tmp_path: Path
) -> None:
    sign_in(page)
    order(page, count="20,000")
    page.get_by_role("button", name="Prove now").click(timeout=60_000)
    proof = page.locator("section[aria-labelledby=proof]")
    expect(proof.get_by_role("status")).to_contain_text("% of the cards compared")
    page.evaluate("window.neverReloaded = true")
    with reconciler(tmp_path / "reconciler.log"):
        expect(proof).to_contain_text("20,000 cards, 0 repeats", timeout=60_000)
    expect(proof.get_by_role("button", name="Prove again")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    assert violations(page) == []
    assert complaints == []
