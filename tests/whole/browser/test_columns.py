"""On a desk, what is made and what there is stand beside each other."""

import pytest
from playwright.sync_api import Page

from tests.whole.browser.conftest import sign_in

_TRACKS = """
    getComputedStyle(document.querySelector('.columns')).gridTemplateColumns.split(' ').length
"""


@pytest.mark.parametrize("path", ["/", "/keys", "/webhooks", "/test-cards"])
def test_two_columns_stand_beside_each_other(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(page)
    page.goto(path)
    assert page.evaluate(_TRACKS) == 2
