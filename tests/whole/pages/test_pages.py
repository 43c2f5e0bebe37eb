"""Every command and every snippet of the pages is run, and what they show is what comes."""

import os
import re
import shutil
from collections import Counter

import pytest
from django.conf import settings

from tests.support.pages import Block, blocks, matches, text_of

DOCS = settings.BASE_DIR / "docs"
PAGES = [*sorted(path.name for path in DOCS.glob("*.md")), "../README.md"]
LANGUAGES = {"bash", "text", "json", "python", "js", "java", "yaml"}
REHEARSED = {"runbooks.md": "tests/whole/test_runbooks.py"}
"""Pages whose troubles must be made first: who makes them, and gives the commands."""
NOT_RUN = {
    "needs Docker": 5,
    "needs Kubernetes": 1,
    "needs root and systemd": 3,
    "needs Barman": 3,
    "needs servers of your own": 14,
    "changes the clone itself": 1,
    "steps past numbers of a service that lost none": 1,
    "takes minutes": 13,
    "shows how something looks, is no command": 8,
}
"""How many blocks cannot be run here, by the reason that stands above each of them."""


def why_not(block: Block) -> bool:
    """Tell whether it is run nowhere."""
    return bool(block.mark) and block.mark.startswith("not run: ")


MARKED = [(page, block) for page in PAGES for block in blocks(text_of(page)) if block.mark]
RUN = [page for page in PAGES if page not in REHEARSED and [*blocks(text_of(page))]]


@pytest.mark.parametrize("page", RUN)
def test_a_page_does_what_it_says(page, shell):
    if "javac" in text_of(page) and not shutil.which("javac") and os.environ.get("CI") != "true":
        pytest.skip("no JDK: apt-get install default-jdk-headless junit5")
    for block in blocks(text_of(page)):
        assert block.mark or block.language in LANGUAGES, f"a block of {page}: {block.text}"
        shell.take(block)


def test_what_is_not_run_is_counted_and_has_a_reason():
    reasons = (block.mark.removeprefix("not run: ") for _, block in MARKED if why_not(block))
    assert Counter(reasons) == NOT_RUN


@pytest.mark.parametrize(("page", "block"), [one for one in MARKED if not why_not(one[1])])
def test_what_another_test_runs_is_run_there(page, block):
    place, seen = block.mark.removeprefix("run by ").split(": ", 1)
    assert seen in (settings.BASE_DIR / place).read_text()


@pytest.mark.parametrize(("page", "place"), REHEARSED.items())
def test_a_page_of_troubles_is_rehearsed(page, place):
    assert {block.language for block in blocks(text_of(page))} == {"console"}
    assert page in (settings.BASE_DIR / place).read_text()


def test_what_is_shown_is_compared():
    shown = '{"pan": "4000001234567899", "tier": "scheme_test", …}'
    other = shown.replace("4000001234567899", "4761738479099745")
    assert matches(other, shown)
    assert not matches(other.replace("scheme_test", "reserved"), shown)
    assert not matches(re.sub(r"(\d{16})", r"\g<1>0", other), shown)
