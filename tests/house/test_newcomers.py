"""What somebody needs who has just come stands on the page where they need it."""

import re

import pytest
from django.conf import settings

from tests.support.pages import blocks, text_of

PAGES = [*sorted(page.name for page in (settings.BASE_DIR / "docs").glob("*.md")), "../README.md"]
BEGIN_WITHOUT = {
    *("alerts.md", "runbooks.md"),  # a reader comes with a trouble, and looks for its name
    *("changelog.md", "decisions.md", "faq.md", "glossary.md", "index.md", "monitoring.md"),
    *("quickstart.md", "receive-webhooks.md", "results.md"),  # their first section is the example
}
"""Pages that are lists, and those that are an example from their first section on."""
ACTIVATE = "source .venv/bin/activate"
_CARDGEN = re.compile(r"^(?:[A-Z_]+=\S* |\$ |.*[|(] ?)?cardgen [a-z]", re.MULTILINE)


def types_cardgen(text: str) -> bool:
    """Tell whether a block of the page has the command in it."""
    shown = (block.text for block in blocks(text) if block.language in {"bash", "console"})
    return any(map(_CARDGEN.search, shown))


def begins_with_an_example(text: str) -> bool:
    return "\n```" in text.partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_commands_says_where_they_are(page):
    text = text_of(page)
    assert ACTIVATE in text or not types_cardgen(text)


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_for_every_curl(page):
    needs_a_new_one = [
        line
        for block in blocks(text_of(page))
        for line in block.text.splitlines()
        if re.search(r"(?:curl|^ +).*--json", line)
    ]
    assert needs_a_new_one == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in BEGIN_WITHOUT])
def test_a_page_begins_with_an_example(page):
    assert begins_with_an_example(text_of(page))


def test_what_is_missing_is_found():
    text = "# Page\n\nProse.\n\n## Section\n\n```bash\nX=1 cardgen job\n```\n"
    assert types_cardgen(text)
    assert types_cardgen(text.replace("X=1 cardgen", "echo 4 | cardgen"))
    assert not begins_with_an_example(text)
    assert begins_with_an_example(text.replace("Prose.", "```bash\nmake run\n```"))
