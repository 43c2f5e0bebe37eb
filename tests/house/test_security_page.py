"""docs/security.md names a test or a file for what it says, and each is there."""

import re
from pathlib import Path, PurePosixPath

from django.conf import settings

ROOT: Path = settings.BASE_DIR
PAGE = (ROOT / "docs/security.md").read_text()


def named() -> list[PurePosixPath]:
    """Files and folders in spans; one without a folder lies beside the one before."""
    found: list[PurePosixPath] = []
    for span in re.findall(r"`([\w/]+\.py|\w[\w/]*/)`", PAGE):
        path = PurePosixPath(span)
        found.append(path if "/" in span else found[-1].parent / path)
    return found


def test_what_it_names_is_there():
    assert [str(path) for path in named() if not (ROOT / path).exists()] == []
    assert len(named()) > 50


def test_every_line_of_what_holds_names_a_test():
    tables = PAGE.split("## What holds, and its proof")[1].split("## What a security")[0]
    rows = re.findall(r"^\| .* \|$", tables, re.MULTILINE)
    assert all("`tests/" in row for row in rows if row != "| what holds | test |")
