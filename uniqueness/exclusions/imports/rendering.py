"""A report for people."""

from collections.abc import Iterator

from uniqueness.exclusions.imports.forms import REASONS
from uniqueness.exclusions.imports.report import ImportReport, Lines

_SHOWN = 10


def text_of(report: ImportReport) -> str:
    """Write the report in lines: the figures, then the first things to look at."""
    return "\n".join(_lines(report))


def _lines(report: ImportReport) -> Iterator[str]:
    what = "would be excluded (dry run: nothing was changed)" if report.dry_run else "excluded"
    yield f"{report.new:,} new numbers {what}; {report.known:,} were known"
    yield from _about_issued(report)
    yield from about_lines(report.lines)
    yield (
        f"{report.lines.total:,} lines of {report.source} ({report.form}),"
        f" {report.duplicates:,} of them repeat a number, in {report.seconds:.1f} s;"
        f" minting waited {report.locked:.2f} s"
    )


def _about_issued(report: ImportReport) -> Iterator[str]:
    if report.issued:
        yield f"{report.issued:,} numbers are cards that were issued before, and were NOT added:"
        for job, numbers in report.cards.by_job[:_SHOWN]:
            yield f"  {numbers:,} by {f'job {job}' if job else 'a job not known any more'}"
        for masked, _ in report.cards.listed[:_SHOWN]:
            yield f"  {masked}"


def about_lines(lines: Lines) -> Iterator[str]:
    """Say what is wrong with the lines that hold no number, and where the first of them stand."""
    if lines.invalid:
        yield f"{lines.invalid:,} lines hold no number:"
        for reason, times in lines.reasons().items():
            yield f"  {times:,} times: {reason}"
        for line, verdict in lines.bad[:_SHOWN]:
            yield f"  line {line}: {REASONS[verdict]}"
