"""The commands of a page of docs/: given as they are printed, and held against what they print."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings

from tests.support.commands import run

_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MANAGE = [".venv/bin/python", "manage.py"]
_ANYTHING = "…"
_REFUSED = "CommandError: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a page, and what the page shows of its output; errors come last."""

    command: str
    shown: str

    def take(self) -> None:
        """Give the command: it prints what the page shows, and fails if that is an error."""
        words = shlex.split(self.command)
        assert words[:2] == _MANAGE, self.command
        done = run(*words[2:])
        printed = done.stdout + done.stderr
        assert _matches(printed, self.shown), f"$ {self.command}\n{printed}"
        assert bool(done.returncode) == (_REFUSED in self.shown), f"exit code {done.returncode}"


def headings(page: str) -> list[str]:
    """The sections of docs/`page`."""
    return re.findall(r"^## (.*)$", _text(page), flags=re.MULTILINE)


def steps(page: str, heading: str, names: Mapping[str, str]) -> Iterator[Step]:
    """Find the commands below a heading of docs/`page`.

    :param names: what stands for words like JOB, by word
    """
    section = _text(page).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for name, value in names.items():
        section = re.sub(rf"\b{name}\b", value, section)
    for block in _BLOCK.findall(section):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield Step(command=command, shown=shown)


def _text(page: str) -> str:
    return (settings.BASE_DIR / "docs" / page).read_text()


def _matches(printed: str, shown: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in shown.rstrip("\n").split(_ANYTHING))
    return re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL) is not None
