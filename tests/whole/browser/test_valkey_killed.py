"""A tester orders, watches and downloads; the Valkey of the service is killed in the middle."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support import valkeys
from tests.support.keys import make_user
from tests.support.processes import reconciler, web, worker
from tests.support.valkeys import Valkey
from tests.whole.browser.conftest import PASSWORD, sign_in

CARDS = 600_000
_SLOW = 60_000  # ms

Still = Callable[[str], object]
"""Takes a picture of the page, which shows what the name says."""


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of this service's own."""
    with valkeys.server(tmp_path) as found:
        yield found


@pytest.fixture
def site(doomed: Valkey, transactional_db: None, catalogue: None, tmp_path: Path) -> Iterator[str]:
    """The whole service with that Valkey, and the user `tester`."""
    make_user("tester", password=PASSWORD)
    places = {
        f"{name}_URL": f"redis://{doomed.address}/{number}"
        for number, name in enumerate(("BROKER", "CACHE", "CHANNEL"))
    }
    own = places | {"CARDGEN_CHUNK_CARDS": "5000"}
    with (
        worker(tmp_path / "worker.log", **own),
        reconciler(tmp_path / "reconciler.log", **own),
        web(tmp_path / "web.log", **own) as address,
    ):
        yield address


def follow(page: Page, doomed: Valkey, *, folder: Path, still: Still) -> Path:
    """Go from the order form to the file; return the file."""
    sign_in(page)
    page.get_by_label("Number of cards").fill(f"{CARDS:,}")
    page.get_by_text("More options").click()
    page.locator("#label").fill("plug pulled")
    still("form")
    page.get_by_role("button", name="Start job").click()
    bar = page.get_by_role("progressbar")
    expect(page.locator('[data-live="live"]')).to_be_visible()
    produced(page, more_than=0)
    still("live")

    doomed.kill()
    before = int(bar.evaluate("bar => bar.value"))
    produced(page, more_than=before)
    still("valkey-killed")

    expect(page.get_by_role("link", name="Download CSV")).to_be_visible(timeout=_SLOW)
    still("done")
    with valkeys.server(folder, port=doomed.port):
        expect(page.locator('[data-live="live"]')).to_be_visible(timeout=_SLOW)
        still("valkey-back")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download CSV").click()
        file = folder / "cards.csv"
        download.value.save_as(file)
        still("downloaded")
    return file


def produced(page: Page, *, more_than: int) -> None:
    """Wait until the bar is beyond that."""
    page.wait_for_function(
        "least => document.querySelector('progress').value > least", arg=more_than, timeout=_SLOW
    )


def test_every_card_is_there_once_though_valkey_was_killed(
    page: Page, doomed: Valkey, tmp_path: Path
) -> None:
    taken: list[str] = []
    file = follow(page, doomed, folder=tmp_path, still=taken.append)
    with file.open(newline="") as text:
        numbers = [row["pan"] for row in csv.DictReader(text)]
    assert len(numbers) == len(set(numbers)) == CARDS
    assert taken == ["form", "live", "valkey-killed", "done", "valkey-back", "downloaded"]
