"""Take imported numbers off the exclusions."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.core.management.base import CommandError

from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly, naming_lines, reading
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.reading import Readable
from toolkit.wording import counted
from uniqueness.exclusions.imports.forms import ListForm, numbers_of
from uniqueness.exclusions.imports.report import Lines
from uniqueness.exclusions.imports.verdicts import LineVerdict
from uniqueness.exclusions.removing import Block, Removal, RemovalRequest, remove_all, remove_source


class Command(OperatorCommand):
    """Numbers come in a file or on stdin: arguments can be seen in the list of processes."""

    help = (
        "Read card numbers, one a line, from a file or standard input, or take all that were"
        " imported from a source, and let them be issued again where that is possible. All of"
        " them, or none; any number."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument("file", metavar="FILE", nargs="?", default="-", help="- is stdin")
        which.add_argument("--source", help="all that were imported from there, as it was named")
        parser.add_argument("--reason", required=True, help="stands in the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    @ending_plainly(interrupted="nothing was removed")
    def handle(self, *_: object, **options: Any) -> None:
        """Remove them."""
        done = _remove(options)
        what = "would be removed (dry run: nothing was changed)" if done.dry_run else "removed"
        self.stderr.write(
            f"{counted(done.removed, 'number')} {what}: {done.free:,} can be issued from now on,"
            f" {done.passed:,} cannot (slot passed meanwhile), {done.outside:,} in no registered"
            f" range; {counted(done.not_excluded, 'was', 'were')} not excluded"
        )


def _remove(options: dict[str, Any]) -> Removal:
    words = {
        "reason": options["reason"],
        "actor": shell_user(),
        "dry_run": options["dry_run"],
    }
    if options["source"] is not None:
        return remove_source(options["source"], request=RemovalRequest(**words))
    with reading(options["file"]) as progress:
        request = RemovalRequest(**words, tell=progress.step)
        with naming_lines():
            return remove_all(_numbers(progress), request=request)


def _numbers(file: Readable) -> Iterator[Block]:
    """Read and check; a message names the line of a wrong one, never its text."""
    lines = Lines()
    for block in numbers_of(file, form=ListForm.PLAIN):
        first = lines.total + 1
        lines.add(block.verdicts)
        if lines.bad:
            line, verdict = lines.bad[0]
            raise CommandError(
                f"line {line:,}: {lines.reason(verdict)}", returncode=ExitCode.BAD_REQUEST
            )
        yield block.pans, first + np.flatnonzero(block.verdicts == LineVerdict.VALID)
    if not lines.numbers:
        raise CommandError("give one number or more, one a line", returncode=ExitCode.BAD_REQUEST)
