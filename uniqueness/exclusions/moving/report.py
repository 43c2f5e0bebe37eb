"""What became of the cards of a file, over all parts of the import."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from toolkit.wording import counted
from uniqueness.exclusions.imports.excluding import Excluded
from uniqueness.exclusions.imports.forms import ListForm
from uniqueness.exclusions.imports.rendering import about_differing, about_lines
from uniqueness.exclusions.imports.report import Lines

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Records with a number are `new`, `known`, `issued` (a card has it) or `repeated`.

    `differing` numbers came with more than one expiry date or CVV within a part. `by_job` says
    which jobs have issued how many.
    """

    new: int = 0
    known: int = 0
    issued: int = 0
    repeated: int = 0
    differing: int = 0
    by_job: dict[str, int] = field(default_factory=dict)

    def plus(self, part: Excluded, *, numbers: int) -> "Figures":
        """Add a part with so many numbers."""
        jobs = Counter(self.by_job)
        jobs.update({str(job): count for job, count in part.cards.by_job})
        return Figures(
            new=self.new + part.new,
            known=self.known + part.distinct - part.again - part.new - part.issued,
            issued=self.issued + part.issued,
            repeated=self.repeated + numbers - part.distinct + part.again,
            differing=self.differing + part.differing,
            by_job=dict(jobs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """What was found. `resumed` records had been brought in before this process began."""

    name: str
    form: ListForm
    dry_run: bool
    lines: Lines
    figures: Figures
    resumed: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The same for machines; `records` are all kinds of them together."""
        told, figures = self.lines.as_dict(), self.figures
        return {
            "name": self.name,
            "format": self.form,
            "dry_run": self.dry_run,
            "resumed": self.resumed,
            "records": told.pop("lines"),
            "new": figures.new,
            "known": figures.known,
            "issued": figures.issued,
            "repeated": figures.repeated,
            "differing": figures.differing,
            "issued_by_job": figures.by_job,
            **told,
            "seconds": round(self.seconds, 3),
        }


def text_of(report: MoveReport) -> str:
    """Write the report in lines: the figures, then the first things to look at."""
    return "\n".join(_lines(report))


def _lines(report: MoveReport) -> Iterator[str]:
    figures, total = report.figures, report.lines.total
    what = "would be brought in (dry run: nothing was changed)" if report.dry_run else "brought in"
    yield (
        f"{counted(figures.new, 'card')} of {report.name} {what}: these numbers will never be"
        f" issued; {counted(figures.known, 'was', 'were')} excluded before"
    )
    if figures.issued:
        cards = counted(figures.issued, "number is a card", "numbers are cards")
        yield f"{cards} of ours, NOT added:"
        for job, numbers in list(figures.by_job.items())[:_SHOWN]:
            yield f"  {numbers:,} by job {job}"
    unit = report.form.unit
    yield f"{counted(figures.repeated, f'{unit} repeats', f'{unit}s repeat')} a number, kept once"
    yield from about_differing(figures.differing)
    yield from about_lines(report.lines)
    resumed = f", {report.resumed:,} of them before it was resumed" if report.resumed else ""
    yield f"{counted(total, unit)} ({report.form}){resumed}, in {report.seconds:.1f} s"
    yield f"left out: {report.lines.invalid:,} of {counted(total, unit)}"
