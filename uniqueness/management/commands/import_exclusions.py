"""Import numbers that must never be minted."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from toolkit.actor import shell_user
from toolkit.command_line import Progress, ending_plainly, reading
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.refusals import Refusal
from uniqueness.exclusions.imports.forms import ListForm, form_of
from uniqueness.exclusions.imports.importing import (
    BadLines,
    ImportRequest,
    LinesRefused,
    import_numbers,
)
from uniqueness.exclusions.imports.rendering import about_lines, text_of
from uniqueness.exclusions.imports.report import ImportReport


class Command(OperatorCommand):
    """The report goes to standard error, with --json to standard output."""

    help = (
        "Exclude card numbers, so that none is issued: a file with one number a line, CSV or"
        " NDJSON, of any size. All good lines are imported in one transaction, or none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", help="- reads standard input")
        parser.add_argument(
            "--format",
            choices=[form.value for form in ListForm],
            help="if the file's name does not say (.csv, .ndjson)",
        )
        parser.add_argument("--source", help="kept with each number; the file's name if absent")
        parser.add_argument("--reason", default="", help="stands in the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="only report")
        parser.add_argument(
            "--strict", action="store_true", help="import nothing if a line is bad; exit code 4"
        )
        parser.add_argument("--json", action="store_true", help="the report on standard output")

    @ending_plainly(interrupted="nothing was imported")
    def handle(self, *_: object, **options: Any) -> None:
        """Import, and report."""
        try:
            with reading(options["file"]) as progress:
                report = _import(progress, options=options)
        except Refusal as error:
            self._show_refusal(error, as_json=options["json"])
            if isinstance(error, BadLines):
                raise CommandError(error.detail, returncode=ExitCode.BAD_LINES) from None
            raise
        self.stderr.write(text_of(report))
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))

    def _show_refusal(self, error: Refusal, *, as_json: bool) -> None:
        if isinstance(error, LinesRefused):
            self.stderr.write("\n".join(about_lines(error.lines)))
        if as_json:
            self.stdout.write(json.dumps({"code": error.code, **error.facts}))


def _import(progress: Progress, *, options: dict[str, Any]) -> ImportReport:
    name = "standard input" if options["file"] == "-" else Path(options["file"]).name
    request = ImportRequest(
        form=ListForm(options["format"] or form_of(name)),
        source=options["source"] if options["source"] is not None else name,
        actor=shell_user(),
        reason=options["reason"],
        dry_run=options["dry_run"],
        strict=options["strict"],
        tell=progress.step,
    )
    return import_numbers(progress, request=request)
