"""Check docs/*.md and README.md: links, the list of pages, words, sentences. `make lint`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cardgen.manual.plain import anchor
from docs.prose import FENCED, long_sentences, wrong_words

DOCS = Path(__file__).parent
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FILE_NAME = re.compile(r"\[([\w-]+\.md)\]\(")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')
_WORDS = {
    r"bins?": "IIN",
    r"vendors?": "scheme",
    r"gateways?": "provider",
    r"card (?:networks?|brands?)": "scheme",
    r"(?:file|text|output) forms?": "format",
    r"api tokens?": "API key",
    r"audit logs?": "audit trail",
    r"black ?lists?": "exclusion",
}
USERS_WORDS = {r"mint(?:s|ed|ing)?": "issue"}
"""What only pages about the inside call so: those for users have another word."""
_MAY_SAY = {"glossary.md", "changelog.md"}
"""They tell what a word means, and what things were called before."""
_GROUP = re.compile(r"^## (.+)\n((?:.*\n)*?)(?=^## |\Z)", re.MULTILINE)
_FOR_USERS = ("Start", "Tasks")


def problems() -> Iterator[str]:
    """Tell what is wrong, one line each."""
    groups = dict(_GROUP.findall((DOCS / "index.md").read_text()))
    users = {"README.md", "index.md", *_pages("".join(groups[name] for name in _FOR_USERS))}
    for page in [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]:
        if "_site" not in page.parts:
            name = page.relative_to(DOCS.parent)
            yield from (f"{name}: {wrong}" for wrong in _of(page, for_users=page.name in users))
    listed = _pages("".join(groups.values()))
    for missing in {page.name for page in DOCS.glob("*.md")} - {"index.md", *listed}:
        yield f"docs/index.md: {missing} is in none of the groups"


def _pages(text: str) -> set[str]:
    return {target for target, _ in _LINK.findall(text)}


def _of(page: Path, *, for_users: bool = False) -> Iterator[str]:
    text = FENCED.sub("", page.read_text())
    for target, fragment in _LINK.findall(text):
        file = page.parent / target if target else page
        if not file.exists():
            yield f"there is no {target}"
        elif fragment and fragment not in anchors(file.read_text()):
            yield f"{target or page.name} has no #{fragment}"
    if page.name not in _MAY_SAY:
        for name in _FILE_NAME.findall(text):
            yield f"a link says what is there, not {name}"
        yield from wrong_words(text, _WORDS | (USERS_WORDS if for_users else {}))
    yield from long_sentences(page.read_text())


def anchors(text: str) -> set[str]:
    """Return what a link may lead to in a page: its headings, and what it names by itself."""
    text = FENCED.sub("", text)
    return {anchor(heading) for heading in _HEADING.findall(text)} | {*_ANCHOR.findall(text)}


if __name__ == "__main__":
    found = [*problems()]
    print(*found, sep="\n")  # noqa: T201 (it is a command)
    sys.exit(bool(found))
