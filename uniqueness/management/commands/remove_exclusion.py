"""Take imported numbers off the exclusions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.errors import Refusal
from uniqueness.imports.forms import REASONS, FileForm, reader
from uniqueness.imports.lines import blocks
from uniqueness.imports.numbers import judge
from uniqueness.imports.report import Lines
from uniqueness.management.commands.import_exclusions import actor_named, opened
from uniqueness.removals import remove

MOST = 100_000


class Command(BaseCommand):
    """Numbers come in a file or on stdin: arguments can be seen in the list of processes."""

    help = (
        "Read card numbers, one a line, from a file or standard input, and let them be minted"
        " again where that is possible. All of them, or none. Exit codes: 0 done, 2 bad request, 3"
        " refused, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="- is stdin")
        parser.add_argument("--reason", required=True, help="stands in the audit trail")
        parser.add_argument("--user", help="who does it, by name; 'command line' if absent")

    def handle(self, *_: object, **options: Any) -> None:
        """Remove them."""
        actor = actor_named(options["user"])
        try:
            done = remove(_numbers(options["file"]), reason=options["reason"], actor=actor)
        except Refusal as error:
            raise CommandError(error.detail, returncode=3) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; nothing was removed", returncode=130) from None
        self.stderr.write(
            f"{done.removed:,} numbers removed: {done.free:,} can be minted from now on,"
            f" {done.passed:,} cannot since their slots were passed, {done.outside:,} are in no"
            f" registered range; {done.not_excluded:,} were not excluded"
        )


def _numbers(name: str) -> list[str]:
    """Read and check; a message names the line of a wrong one, never its text."""
    numbers: list[str] = []
    lines = Lines()
    with opened(name) as file:
        for block in blocks(file):
            pans, verdicts = judge(block, read=reader(FileForm.PLAIN))
            lines.add(verdicts)
            numbers += [pan.decode() for pan in pans.tolist()]
            if lines.bad:
                line, verdict = lines.bad[0]
                raise CommandError(f"line {line}: {REASONS[verdict]}", returncode=2)
            if len(numbers) > MOST:
                break
    if not 1 <= len(numbers) <= MOST:
        raise CommandError(f"give 1 to {MOST:,} numbers", returncode=2)
    return numbers
