"""Move in: bring the cards of another system."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from toolkit.actor import shell_user
from toolkit.command_line import Progress, ending_plainly, reading, user_named, whole
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness.exclusions.imports.forms import ListForm, form_of
from uniqueness.exclusions.imports.importing import LinesRefused
from uniqueness.exclusions.imports.rendering import about_lines
from uniqueness.exclusions.moving import MoveReport, MoveRequest, bring_in, roll_back, text_of
from uniqueness.exclusions.removing import RemovalRequest
from uniqueness.models import CardImport

_PART = 1_000_000


class Command(OperatorCommand):
    """The report goes to standard error, with --json to standard output."""

    help = (
        "Bring in the cards of another system: their numbers will never be issued here. Reads CSV,"
        " JSON and SQL dumps of any size, a part at a time; the same command goes on where it was"
        " interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", metavar="FILE", nargs="?", help="- reads standard input")
        what.add_argument("--list", action="store_true", help="what was brought in so far")
        what.add_argument("--roll-back", metavar="NAME", help="undo the import of that name")
        parser.add_argument("--name", help="of the import; it is kept with each number")
        parser.add_argument("--owner", metavar="USER", help="whose cards they are")
        parser.add_argument("--reason", help="stands in the audit trail")
        parser.add_argument(
            *("--format",),
            choices=[form.value for form in ListForm],
            help="if the file's name does not say (.csv, .ndjson, .json, .sql)",
        )
        parser.add_argument(
            *("--part",),
            type=whole(least=1, most=10_000_000),
            default=_PART,
            help=f"records that are brought in at a time ({_PART:,})",
        )
        parser.add_argument("--dry-run", action="store_true", help="only report")
        parser.add_argument("--json", action="store_true", help="the report on standard output")

    @ending_plainly(interrupted="whole parts stay; the same command goes on behind them")
    def handle(self, *_: object, **options: Any) -> None:
        """Bring in, and report; or list, or roll back."""
        if options["list"]:
            self.stdout.write("\n".join(_listed()))
        elif options["roll_back"] is not None:
            self._roll_back(options)
        else:
            self._bring_in(options)

    def _bring_in(self, options: dict[str, Any]) -> None:
        if options["name"] is None:
            raise CommandError(
                "give the import a --name: it is resumed and rolled back by it",
                returncode=ExitCode.BAD_REQUEST,
            )
        try:
            with reading(options["file"]) as progress:
                report = _bring_in(progress, options=options)
        except LinesRefused as error:
            self.stderr.write("\n".join(about_lines(error.lines)))
            raise
        self.stderr.write(text_of(report))
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))

    def _roll_back(self, options: dict[str, Any]) -> None:
        done = roll_back(
            options["roll_back"],
            request=RemovalRequest(
                reason=options["reason"] or "", actor=shell_user(), dry_run=options["dry_run"]
            ),
        )
        what = (
            "would be taken back (dry run: nothing was changed)" if done.dry_run else "taken back"
        )
        self.stderr.write(
            f"{counted(done.removed, 'number')} {what}: {done.free:,} can be issued from now on,"
            f" {done.passed:,} cannot (slot passed meanwhile), {done.outside:,} in no registered"
            " range"
        )


def _bring_in(progress: Progress, *, options: dict[str, Any]) -> MoveReport:
    owner = user_named(options["owner"]) if options["owner"] is not None else None
    request = MoveRequest(
        name=options["name"],
        form=ListForm(options["format"] or form_of(options["file"])),
        actor=shell_user(),
        owner_id=owner.pk if owner else None,
        reason=options["reason"] or f"cards of {options['name']}",
        part=options["part"],
        dry_run=options["dry_run"],
        tell=progress.step if options["dry_run"] else lambda _: None,
    )
    return bring_in(progress, request=request)


def _listed() -> Iterator[str]:
    """Yield a line with tabs for each import, the newest first."""
    yield "name\towner\trecords\tnumbers\tstarted\tfinished"
    for one in CardImport.objects.select_related("owner").order_by("-started_at"):
        owner = one.owner.username if one.owner else "-"
        times = [
            f"{at:%Y-%m-%d %H:%M}" if at else "not yet" for at in (one.started_at, one.finished_at)
        ]
        yield "\t".join([one.name, owner, str(one.records), str(one.figures.get("new", 0)), *times])
