"""One place asks for Django's flags, and docs/access.md shows the table as it is."""

import re
from pathlib import Path

from django.conf import settings

from docs.write_access import PAGE, written

OURS = ("cardgen", "jobs", "uniqueness", "realtime", "generation", "toolkit", "templates")
FLAGS = re.compile(r"\.is_staff|\.is_superuser|\bis_superuser=|\bis_staff=")


def test_flags_are_asked_in_one_place():
    root: Path = settings.BASE_DIR
    files = [
        file for top in OURS for kind in ("py", "html") for file in (root / top).rglob(f"*.{kind}")
    ]
    asking = {file.relative_to(root) for file in files if FLAGS.search(file.read_text())}
    assert {str(file) for file in asking if "migrations" not in file.parts} == {"toolkit/rights.py"}


def test_the_page_has_the_tables_of_the_code():
    assert PAGE.read_text() == written(PAGE.read_text()), "make access"
