"""The files a finished job offers, each with a phrase that says what it is for."""

from dataclasses import dataclass

from jobs.models import Job
from jobs.results.file_forms import FILE_FORMS, FileForm
from jobs.results.text_forms import TEXT_FORMS, TextForm
from toolkit.refusals import Refusal

FORMS: dict[str, TextForm | FileForm] = {**TEXT_FORMS, **FILE_FORMS}

PURPOSES = {
    "csv": ("CSV", "for spreadsheets, databases and most test tools"),
    "ndjson": ("NDJSON", "one JSON object a line, for scripts and log tools"),
    "xlsx": ("Excel", "a worksheet, numbers kept as text"),
    "parquet": ("Parquet", "for data frames and warehouses"),
    "sql": ("SQL", "CREATE TABLE and INSERT statements"),
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
    form = FORMS[name]
    try:
        if isinstance(form, FileForm):
            form.check(rows=rows)
    except Refusal as refusal:
        return refusal.detail
    return ""
