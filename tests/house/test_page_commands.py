"""Commands, options and targets are there that pages name in a sentence or show without a run."""

import re
from functools import cache

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from tests.support.pages import blocks, text_of

PAGES = [*sorted(page.name for page in (settings.BASE_DIR / "docs").glob("*.md")), "../README.md"]
PLACEHOLDERS = {"COMMAND"}
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_END = re.compile(r"[|<>;#&)]| {2}|$")
# Not the user or the folder of that name: "sudo -u cardgen git", "cd deploy/helm/cardgen".
_COMMAND = re.compile(r"(?:^(?:\$ )?|=\S+ |[|&] |/bin/|python )(?:cardgen|manage\.py) (\w+)(.*)")
_MAKE = re.compile(r"(?:^| )make ([a-z-]+)")
_TARGETS = re.compile(r"^([a-z-]+):", re.MULTILINE)


def told(page: str) -> list[str]:
    """What the page names or shows, and does not have the runner run."""
    text = text_of(page)
    not_run = [line for block in blocks(text) if block.mark for line in block.text.splitlines()]
    return re.findall(r"`([^`\n]+)`", _FENCED.sub("", text)) + not_run


@cache
def options(name: str) -> set[str]:
    command = load_command_class(get_commands()[name], name)
    return {*command.create_parser("cardgen", name)._option_string_actions}


def wrong(line: str) -> list[str]:
    """What of a line is not there."""
    found = _COMMAND.search(line)
    if found is None or found[1] in PLACEHOLDERS or found[1].isupper():
        return [name for name in _MAKE.findall(line) if name not in targets()]
    name, rest = found[1], found[2][: _END.search(found[2]).start()]
    if name not in get_commands():
        return [name]
    return [one for one in re.findall(r"(?<= )--[\w-]+", rest) if one not in options(name)]


@cache
def targets() -> set[str]:
    return {*_TARGETS.findall((settings.BASE_DIR / "Makefile").read_text())}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page):
    assert [(line, wrong(line)) for line in told(page) if wrong(line)] == []


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("cardgen scan FILE…", []),
        ("docker compose exec web python manage.py verify_audits", ["verify_audits"]),
        ("cardgen queue --pauze --reason x | cat --none", ["--pauze"]),
        ("make chaoss ARGS='--full'", ["chaoss"]),
    ],
)
def test_what_is_not_there_is_found(line, missing):
    assert wrong(line) == missing
