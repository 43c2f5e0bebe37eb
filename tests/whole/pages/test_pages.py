"""Every command and every snippet of the pages is run, and what they show is what comes."""

import os
import re
import shutil

import pytest
from django.conf import settings

from tests.support.pages import blocks, matches, text_of

DOCS = settings.BASE_DIR / "docs"
RUNS = re.compile(r"^```(bash|python)$", re.MULTILINE)
RUN = sorted(path.name for path in DOCS.glob("*.md") if RUNS.search(path.read_text()))
LANGUAGES = {"bash", "text", "json", "python", "js", "java", "yaml"}


@pytest.mark.parametrize("page", [*RUN, "../README.md"])
def test_a_page_does_what_it_says(page, shell):
    if "javac" in text_of(page) and not shutil.which("javac") and os.environ.get("CI") != "true":
        pytest.skip("no JDK: apt-get install default-jdk-headless junit5")
    for block in blocks(text_of(page)):
        assert block.language in LANGUAGES, f"a block of {page}: {block.text}"
        shell.take(block)


def test_what_is_shown_is_compared():
    shown = '{"pan": "4000001234567899", "tier": "scheme_test", …}'
    other = shown.replace("4000001234567899", "4761738479099745")
    assert matches(other, shown)
    assert not matches(other.replace("scheme_test", "reserved"), shown)
    assert not matches(re.sub(r"(\d{16})", r"\g<1>0", other), shown)
