"""Exit codes stand in one table, and all commands on one page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from cardgen import overview
from toolkit.exit_codes import ExitCode

ROOT: Path = settings.BASE_DIR
PAGE = ROOT / "docs" / "commands.md"
OURS = ("cardgen", "cardgen.access", "jobs", "uniqueness")
FOLDERS = ("bench", "cardgen", "chaos", "generation", "jobs", "realtime", "toolkit", "uniqueness")


def is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def literals(code: str) -> Iterator[int]:
    """Yield the lines where an exit code is a number."""
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        given = [word.value for word in call.keywords if word.arg == "returncode"]
        if name in {"sys.exit", "exit", "SystemExit", "os._exit"}:
            given += call.args
        if any(map(is_number, given)):
            yield call.lineno


@pytest.mark.parametrize("folder", [*FOLDERS, "manage.py"])
def test_no_exit_code_is_a_number(folder):
    files = ROOT.glob(f"{folder}/**/*.py") if (ROOT / folder).is_dir() else [ROOT / folder]
    found = [f"{file}:{line}" for file in files for line in literals(file.read_text())]
    assert found == []


@pytest.mark.parametrize("code", ["sys.exit(3)", "raise SystemExit(1)", "E('x', returncode=2)"])
def test_a_number_would_be_found(code):
    assert list(literals(code)) == [1]


def test_the_page_tells_every_exit_code():
    told = re.findall(r"^\| (\d+) \|", PAGE.read_text(), re.MULTILINE)
    assert [int(code) for code in told] == sorted(ExitCode)


def test_the_page_has_every_command_and_no_other():
    told = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(told) == sorted(name for name, app in get_commands().items() if app in OURS)


def test_the_overview_has_every_command_and_no_other():
    told = [name for group in overview.GROUPS.values() for name in group]
    assert sorted(told) == sorted(name for name, app in get_commands().items() if app in OURS)
    assert max(map(len, overview.text().splitlines())) <= 80
