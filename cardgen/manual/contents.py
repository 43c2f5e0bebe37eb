"""Which pages there are: docs/index.md has groups of them, docs/decisions one file for each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_GROUP = re.compile(r"^## (.+)$")
_ENTRY = re.compile(r"^\* \[(.+?)\]\((\S+)\.md\)")
_TITLE = re.compile(r"^# (?:\d+\. )?(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of pages: name and title of each."""

    title: str
    pages: list[tuple[str, str]]


def groups(docs: Path) -> list[Group]:
    """Return the groups, as index.md lists them."""
    found: list[Group] = []
    for line in (docs / "index.md").read_text().splitlines():
        if title := _GROUP.match(line):
            found.append(Group(title[1], []))
        elif entry := _ENTRY.match(line):
            found[-1].pages.append((entry[2], entry[1]))
    return found


def text_of(docs: Path, name: str) -> str:
    """Return the Markdown of a page; a link to the folder of decisions becomes one to their page.

    :raises FileNotFoundError: if there is no such page
    """
    text = (docs / f"{name}.md").read_text().replace("](decisions)", "](decisions.md)")
    return "\n".join([text, *_decisions(docs), ""]) if name == "decisions" else text


def _decisions(docs: Path) -> Iterator[str]:
    for path in sorted(docs.glob("decisions/*.md")):
        title = _TITLE.search(path.read_text())
        yield f"* {path.stem[:4]}: [{title[1] if title else path.stem}](decisions/{path.name})"


def for_machines(docs: Path) -> str:
    """Return llms.txt (llmstxt.org): every page, as Markdown, with a word on it."""
    return text_of(docs, "index").replace("\n\n", "\n\n> ", 1)
