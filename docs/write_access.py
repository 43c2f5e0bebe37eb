"""Write the tables of docs/access.md anew, from the rights and the table of routes in the code."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
django.setup()

from django.urls import get_resolver  # noqa: E402

from cardgen.access.rights.table import ADMIN, API, PAGES, SOCKETS, Needed  # noqa: E402
from toolkit.rights import MEANINGS, RIGHTS_OF, Role  # noqa: E402

PAGE = Path(__file__).parent / "access.md"
_MARKS = "<!-- {name} -->\n{table}<!-- end -->"
_TABLE = re.compile(r"<!-- (?P<name>\w+) -->\n.*?<!-- end -->", re.DOTALL)


def rights() -> Iterator[str]:
    """One line for each right: what it allows, and which roles have it."""
    yield "| right, and scope of a key | what it allows | " + " | ".join(Role) + " |"
    yield "|---|---|" + "---|" * len(Role)
    for right, meaning in MEANINGS.items():
        has = " | ".join("✓" if right in RIGHTS_OF[role] else " " for role in Role)
        yield f"| `{right}` | {meaning} | {has} |"


def routes() -> Iterator[str]:
    """One line for each route and method of the API, the pages and the sockets."""
    yield "| route | method | needs |"
    yield "|---|---|---|"
    for names in (API, PAGES, SOCKETS):
        for name, row in names.items():
            for method, needed in row.items():
                yield f"| `{_path(name)}` | {method} | {_said(needed)} |"


def admin() -> Iterator[str]:
    """One line for each page of the admin that somebody may use."""
    yield "| page of the admin | look | change |"
    yield "|---|---|---|"
    for name, row in ADMIN.items():
        if row:
            asked = [
                _said(row[method]) if method in row else "nobody" for method in ("GET", "POST")
            ]
            yield f"| `{name.removeprefix('admin:')}` | {asked[0]} | {asked[1]} |"


def written(page: str) -> str:
    """Return the page with its tables as they should be."""
    made = {"rights": rights, "routes": routes, "admin": admin}

    def table(found: re.Match[str]) -> str:
        lines = "".join(f"{line}\n" for line in made[found["name"]]())
        return _MARKS.format(name=found["name"], table=lines)

    return _TABLE.sub(table, page)


def _said(needed: Needed) -> str:
    return f"`{needed}`" if needed in MEANINGS else str(needed)


def _path(name: str) -> str:
    if name.startswith("ws-"):
        return {"ws-jobs": "/ws/jobs", "ws-job": "/ws/jobs/JOB_ID"}[name]
    ((path, names), *_) = get_resolver().reverse_dict.getlist(name)[0][0]
    return f"/{path % {each: each.upper() for each in names}}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
