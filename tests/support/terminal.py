"""A shell in a folder of its own, in which the blocks of a page are typed in their order."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import playwright
import yaml

from tests.support.pages import Block, matches

_PATIENCE = 60  # seconds; only a test that fails takes so long
_FILE = re.compile(r"^(?:#|//) ([\w./-]+\.\w+)\n")
_NODE = str(Path(playwright.__file__).with_name("driver") / "node")
# Every block begins with the variables of the one before.
_SCRIPT = "set -a; touch .state; . ./.state\n{}\nended=$?; export -p >.state; exit $ended"
_PROGRAMS: Mapping[str, list[str]] = {"python": [sys.executable], "js": [_NODE]}


@dataclass
class Terminal:
    """Takes blocks: runs commands and programs, saves files, compares what is shown."""

    folder: Path
    environment: Mapping[str, str]
    given: Mapping[str, str]
    """What was printed by the commands that were given before."""
    words: Mapping[str, str]
    """What a page writes for what nobody knows beforehand, and what stands for it here."""
    printed: str = ""
    passed_over: bool = False
    """The block before was not run, so nothing answers it."""
    started: list[int] = field(default_factory=list)

    def take(self, block: Block) -> None:
        """Do with a block what its reader does, unless the page says that it cannot be done."""
        self.passed_over = bool(block.mark) or (block.answers and self.passed_over)
        if not self.passed_over:
            self._take(block)

    def _take(self, block: Block) -> None:
        if block.answers and block.language in {"text", "json"}:
            shown, spaces = self._here(block.text), block.language == "text"
            assert matches(self.printed, shown, spaces=spaces), f"printed:\n{self.printed}"
        elif named := _FILE.match(block.text):
            self._save(named[1], block.text)
        elif block.language == "bash":
            self._give(block.text)
        elif block.language in _PROGRAMS:
            self._run([*_PROGRAMS[block.language], "-"], block.text)
        else:
            _READERS[block.language](block.text)

    def _give(self, commands: str) -> None:
        if commands in self.given:
            self.printed = self.given[commands]
            return
        self._run(["bash", "-c", _SCRIPT.format(self._here(commands))])

    def _run(self, command: list[str], program: str = "") -> None:
        out = self.folder / ".printed"
        with out.open("wb") as file:
            child = subprocess.Popen(
                command, cwd=self.folder, env=dict(self.environment), stdin=subprocess.PIPE,
                stdout=file, stderr=file, start_new_session=True,
            )  # fmt: skip
        self.started.append(child.pid)
        child.communicate(self._here(program).encode(), _PATIENCE)
        self.printed = out.read_text()
        assert child.returncode == 0, f"{command[-1]}\n{self.printed}"

    def _save(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(text))
        check = _READERS.get(path.suffix.lstrip("."))
        if check is not None:
            check(text)

    def _here(self, text: str) -> str:
        for word, here in self.words.items():
            text = text.replace(word, here)
        return text

    def end(self) -> None:
        """End what was started in the background."""
        for session in self.started:
            with suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)


def _javascript(text: str) -> None:
    with NamedTemporaryFile("w", suffix=".mjs") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([_NODE, "--check", file.name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


_READERS: Mapping[str, Callable[[str], object]] = {
    "json": json.loads,
    "yaml": yaml.safe_load,
    "yml": yaml.safe_load,
    "py": ast.parse,
    "js": _javascript,
    "mjs": _javascript,
}
"""How a text is read that nobody runs: it raises if it is none."""


@contextmanager
def terminal(folder: Path, **words: Mapping[str, str]) -> Iterator[Terminal]:
    """Open one; what runs in the background ends with it."""
    opened = Terminal(folder, **words)
    try:
        yield opened
    finally:
        opened.end()
