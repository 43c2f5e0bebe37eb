"""Pages of docs/: what they tell to type, and what they show of the answer."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings

from tests.support.commands import run

_BLOCK = re.compile(
    r"^(?:<!-- (not run: .*|run by .*) -->\n)?```(\w*)\n((?s:.*?))^```$", re.MULTILINE
)
_COMMAND = "cardgen"
_ANYTHING = "…"
_REFUSED = "cardgen: "
_DRAWN = (
    *("cardholder_name", "cvv", "pvv", "track2_data"),
    *("expiry", "expiry_month", "expiry_year", "expiry_yymm"),
)
# What differs each time: card numbers and ids by their form, the rest by its place.
_CARD = r'"{}": ?("[^"]*"|\d+)'
_VARYING = [
    (re.compile(pattern, re.MULTILINE), name)
    for pattern, name in (
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"),
        (r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)", "TIME"),
        (r"\bcg_[\w…-]+", "KEY"),
        (r"\bwhsec_[\w+/=…]+", "SECRET"),
        (r"^\d{12,19},(\w+),\d{1,2},\d{4},\d{3,4},[A-Z'. -]+,", r"CARD,\1,"),
        *((_CARD.format(name), name.upper()) for name in _DRAWN),
        (r"\b\d{15}\b", "FIFTEEN DIGITS"),
        (r"\b\d{16}\b", "SIXTEEN DIGITS"),
        (r"\d+\.\d+", "DECIMAL"),
    )
]


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences of a page."""

    language: str
    text: str
    answers: bool
    """It comes right after another block, with no word between."""
    mark: str | None
    """Why the page says, in a comment right above, that it is not run here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a page, and what the page shows of its output; errors come last."""

    command: str
    shown: str

    def take(self) -> None:
        """Give the command: it prints what the page shows, and fails if that is an error."""
        words = shlex.split(self.command)
        assert words[0] == _COMMAND, self.command
        done = run(*words[1:])
        printed = done.stdout + done.stderr
        assert matches(printed, self.shown), f"$ {self.command}\n{printed}"
        refused = _REFUSED in self.shown
        assert bool(done.returncode) == refused, f"exit code {done.returncode}\n{printed}"


def headings(page: str) -> list[str]:
    """The sections of docs/`page`."""
    return re.findall(r"^## (.*)$", text_of(page), flags=re.MULTILINE)


def steps(page: str, heading: str, names: Mapping[str, str]) -> Iterator[Step]:
    """Find the commands below a heading of docs/`page`.

    :param names: what stands for words like JOB, by word
    """
    section = text_of(page).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for name, value in names.items():
        section = re.sub(rf"\b{name}\b", value, section)
    for block in blocks(section):
        for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield Step(command=command, shown=shown)


def blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a page, in their order."""
    end = None
    for found in _BLOCK.finditer(text):
        answers = end is not None and not text[end : found.start()].strip()
        end = found.end()
        yield Block(found[2], found[3], answers, found[1])


def text_of(page: str) -> str:
    """What docs/`page` says."""
    return (settings.BASE_DIR / "docs" / page).read_text()


def matches(printed: str, shown: str, *, spaces: bool = True) -> bool:
    """Tell whether a page shows what was printed, but for what differs each time and `…`.

    :param spaces: whether they count; JSON is shown on more lines than it is sent in
    """
    printed, shown = _constant(printed, spaces=spaces), _constant(shown, spaces=spaces)
    pattern = ".*".join(re.escape(part) for part in shown.split(_ANYTHING))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def _constant(text: str, *, spaces: bool) -> str:
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text.rstrip("\n") if spaces else re.sub(r"\s", "", text)
