"""The forms of a finished job's file, each with a phrase that says what it is for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from jobs.models import Job
from jobs.results.cards import Block
from jobs.results.file_forms import FILE_FORMS
from jobs.results.text_forms import TEXT_FORMS, Layout
from toolkit.refusals import Refusal


class Form(Protocol):
    """What a form of a file says of itself, and how the file is made."""

    @property
    def media_type(self) -> str:
        """What `Content-Type` says."""

    @property
    def ending(self) -> str:
        """What follows the dot in the file's name."""

    @property
    def repeatable(self) -> bool:
        """Whether the file is the same bytes each time: only then can it have a tag and parts."""

    def check(self, *, rows: int, part: bool = False) -> None:
        """Let only what can be written pass.

        :param part: the rows are not all that the job has

        :raises Refusal: if a file of this form cannot be made of so many rows, or not here
        """

    def render(self, blocks: Iterable[Block], layout: Layout) -> Iterator[tuple[int, bytes]]:
        """Yield the file in pieces, each with the chunk it is of; a piece may be empty."""


FORMS: dict[str, Form] = {**TEXT_FORMS, **FILE_FORMS}

PURPOSES = {
    "csv": ("CSV", "for databases and most test tools"),
    "ndjson": ("NDJSON", "one JSON object a line, for scripts and log tools"),
    "xlsx": ("Excel (XLSX)", "for spreadsheets: numbers stay whole, as text"),
    "parquet": ("Parquet", "for data frames and warehouses"),
    "sql": ("SQL", "CREATE TABLE and INSERT statements"),
    "mysql": ("MySQL", "the same for MySQL and MariaDB"),
    "jmeter": ("JMeter", "for its CSV Data Set Config"),
    "panhunt": ("PANhunt", "an INI file that excludes these numbers from scans"),
    "gitleaks": ("Gitleaks", "a configuration that allows these numbers"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file: `refusal` says why it cannot be had, empty if it can."""

    form: str
    name: str
    purpose: str
    refusal: str


def downloads(job: Job) -> list[Download]:
    """List every file form, the usual ones first."""
    return [
        Download(form=form, name=name, purpose=purpose, refusal=_refusal(form, rows=job.produced))
        for form, (name, purpose) in PURPOSES.items()
    ]


def _refusal(name: str, *, rows: int) -> str:
    try:
        FORMS[name].check(rows=rows)
    except Refusal as refusal:
        return refusal.detail
    return ""
