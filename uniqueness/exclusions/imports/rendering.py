"""A report for people."""

from collections.abc import Iterator

from toolkit.wording import counted
from uniqueness.exclusions.imports.forms import ListForm
from uniqueness.exclusions.imports.report import ImportReport, Lines, Told

_SHOWN = 10


def text_of(report: ImportReport) -> str:
    """Write the report in lines: the figures, then the first things to look at."""
    return "\n".join(_lines(report))


def _lines(report: ImportReport) -> Iterator[str]:
    what = "would be excluded (dry run: nothing was changed)" if report.dry_run else "excluded"
    known = counted(report.known, "was", "were")
    yield f"{counted(report.new, 'new number')} {what}; {known} known"
    yield from _about_issued(report)
    yield from about_lines(report.lines)
    yield from about_differing(report.differing)
    repeated = counted(report.duplicates, "of them repeats", "of them repeat")
    unit = ListForm(report.form).unit
    yield (
        f"{counted(report.lines.total, unit)} of {report.source} ({report.form}),"
        f" {repeated} a number, in {report.seconds:.1f} s; jobs waited {report.locked:.2f} s"
    )
    yield f"left out: {report.lines.invalid:,} of {counted(report.lines.total, unit)}"


def _about_issued(report: ImportReport) -> Iterator[str]:
    if report.issued:
        cards = counted(report.issued, "number is a card", "numbers are cards")
        yield f"{cards} issued before, NOT added:"
        for job, numbers in report.cards.by_job[:_SHOWN]:
            yield f"  {numbers:,} by {f'job {job}' if job else 'a job not known any more'}"
        for masked, _ in report.cards.listed[:_SHOWN]:
            yield f"  {masked}"


def about_differing(numbers: int) -> Iterator[str]:
    """Say how many numbers stand there with other details, too."""
    if numbers:
        come = counted(numbers, "number comes", "numbers come")
        yield f"{come} with more than one expiry date or CVV; kept once"


def about_lines(lines: Lines) -> Iterator[str]:
    """Say what is wrong with lines, and what with numbers, and where the first of them stand."""
    yield from _told("without a number", lines.reasons(), lines.bad, of=lines)
    doubtful = "with a number that may be no card number"
    yield from _told(doubtful, lines.doubts(), lines.doubtful, of=lines)


def _told(what: str, reasons: dict[str, int], first: Told, *, of: Lines) -> Iterator[str]:
    if reasons:
        yield f"lines {what}: {sum(reasons.values()):,}"
        for reason, times in reasons.items():
            yield f"  {counted(times, 'time')}: {reason}"
        for line, verdict in first[:_SHOWN]:
            yield f"  line {line}: {of.reason(verdict)}"
