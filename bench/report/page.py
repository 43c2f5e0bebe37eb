"""Report as a page of its own, or as the marked block of a page that people write."""

import json
from pathlib import Path

from bench.options import REPORTS
from bench.report import markdown, plots
from bench.report.report import Report

BEGIN = "<!-- figures: written by `make bench ARGS='--write PAGE'` -->"
END = "<!-- end of the figures -->"


def save(report: Report, *, folder: Path) -> None:
    """Write report.md, report.json and the plots into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = block(report, plots.save(report.rows, folder=folder), folder="")
    page, figures = (folder / name for name in REPORTS)
    page.write_text(f"# Figures\n\n{text}\n", encoding="utf-8")
    figures.write_text(json.dumps(report.as_dict(), indent=1) + "\n", encoding="utf-8")


def require_place(page: Path) -> None:
    """See that figures can be put into the page, before anything is measured.

    :raises SystemExit: if they cannot; says what to write
    """
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    if not text.partition(BEGIN)[2].partition(END)[1]:
        raise SystemExit(f"{page} has no place for figures. Write these two lines:\n{BEGIN}\n{END}")


def write_into(page: Path, report: Report) -> None:
    """Put the figures between the marks, in place of what stands there; plots go to `images`.

    :raises SystemExit: if the page has no marks
    """
    require_place(page)
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    titles = plots.save(report.rows, folder=page.parent / "images")
    text = block(report, titles, folder="images/")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def block(report: Report, titles: dict[str, str], *, folder: str) -> str:
    """Return facts, tables and plots."""
    facts = markdown.facts(report.machine, when=report.when, quick=report.quick)
    pictures = [_picture(name, title, folder) for name, title in titles.items()]
    return "\n\n".join([facts, *markdown.tables(report.rows), *pictures])


def _picture(name: str, title: str, folder: str) -> str:
    return (
        "<picture>\n"
        f'<source media="(prefers-color-scheme: dark)" srcset="{folder}{name}-dark.svg">\n'
        f'<img alt="{title}" src="{folder}{name}-light.svg">\n'
        "</picture>"
    )
