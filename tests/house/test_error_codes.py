"""docs/errors.md tells every code that the API and the commands refuse with, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from cardgen.http import errors

ROOT: Path = settings.BASE_DIR
PAGE = (ROOT / "docs" / "errors.md").read_text()
FOLDERS = ("cardgen", "generation", "jobs", "realtime", "toolkit", "uniqueness")
WITHOUT_A_CLASS = {"malformed_json": 400}
NEVER_ALONE = {"conflict", "refused"}  # a refusal has a code of its own


def codes_of_refusals() -> Iterator[str]:
    """Each `code = "..."` of a class that is raised to a caller."""
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and "Exception" not in map(ast.unparse, node.bases):
                yield from codes_in(node)


def codes_in(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
            yield from (str(one.value) for one in [line.value] if isinstance(one, ast.Constant))


def statuses() -> dict[str, int]:
    """Each code with its HTTP status, as the code has them."""
    refusals = {code: errors.REFUSAL_STATUS.get(code, 422) for code in codes_of_refusals()}
    others = {name: status for status, (name, _) in errors.CODES.items()} | WITHOUT_A_CLASS
    return refusals | {code: others[code] for code in others if code not in NEVER_ALONE}


def test_the_table_has_every_code_with_its_status_and_no_other():
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)
    told = {code: int(status) for status, code in rows}
    assert len(rows) == len(told), "a code stands there twice"
    assert told == statuses()


def test_no_status_is_kept_for_a_code_that_is_gone():
    assert errors.REFUSAL_STATUS.keys() <= set(codes_of_refusals())


@pytest.mark.parametrize("code", ["chunk_failed", "deadline_missed", "duplicate_refused"])
def test_why_a_job_failed_is_told_too(code):
    assert f"`{code}`" in PAGE
