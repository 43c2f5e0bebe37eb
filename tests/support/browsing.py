"""A browser's looks at a page: sizes, themes, accessibility, weight."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, DESK = 360, 1440
THEMES = ("light", "dark")
# All that is wrong is told. To tell of each element what is right costs as much again.
_ASKED = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_WEIGHT = """() => performance.getEntries()
    .filter(({entryType}) => ["navigation", "resource"].includes(entryType))
    .filter(({initiatorType}) => !["fetch", "xmlhttprequest"].includes(initiatorType))
    .reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)"""


@contextmanager
def looking(
    browser: Browser, *, site: str, width: int, theme: str, state: object
) -> Iterator[Page]:
    """Open a page of that width and theme, signed in by a saved state."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        storage_state=state,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds: the rule, and the first element that breaks it."""
    found = Axe().run(page, options=_ASKED).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, wide)


def weight(page: Page) -> int:
    """Bytes that came over the wire for the page, its styles and its scripts."""
    return int(page.evaluate(_WEIGHT))
