"""Check docs/*.md and README.md: links, the list of pages, one word for one thing. `make lint`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cardgen.manual.plain import anchor

DOCS = Path(__file__).parent
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')
_OLD_WORDS = {"bin": "IIN", "vendor": "scheme", "gateway": "provider"}
_OLD = re.compile(rf"\b({'|'.join(_OLD_WORDS)})s?\b", re.IGNORECASE)


def problems() -> Iterator[str]:
    """Tell what is wrong, one line each."""
    for page in [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]:
        if "_site" not in page.parts:
            name = page.relative_to(DOCS.parent)
            yield from (f"{name}: {wrong}" for wrong in _of(page))
    listed = _LINK.findall((DOCS / "index.md").read_text())
    for missing in {page.name for page in DOCS.glob("*.md")} - {"index.md", *dict(listed)}:
        yield f"docs/index.md: {missing} is in none of the groups"


def _of(page: Path) -> Iterator[str]:
    text = _FENCED.sub("", page.read_text())
    for target, fragment in _LINK.findall(text):
        file = page.parent / target if target else page
        if not file.exists():
            yield f"there is no {target}"
        elif fragment and fragment not in anchors(file.read_text()):
            yield f"{target or page.name} has no #{fragment}"
    for word in _OLD.findall(_CODE.sub("", _LINK.sub("", text))):
        yield f"{word}: the word is {_OLD_WORDS[word.lower()]}"


def anchors(text: str) -> set[str]:
    """Return what a link may lead to in a page: its headings, and what it names by itself."""
    text = _FENCED.sub("", text)
    return {anchor(heading) for heading in _HEADING.findall(text)} | {*_ANCHOR.findall(text)}


if __name__ == "__main__":
    found = [*problems()]
    print(*found, sep="\n")  # noqa: T201 (it is a command)
    sys.exit(bool(found))
