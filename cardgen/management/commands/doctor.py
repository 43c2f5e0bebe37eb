"""Look what is wrong with this installation."""

import sys

from django.core.management.base import CommandError
from rich.console import Console
from rich.text import Text

from cardgen.management.doctor import look
from cardgen.management.readiness import Finding
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Changes nothing, and shows no secret."""

    help = (
        "Say what is wrong with this installation, and the remedy: settings, servers, disk, master"
        " key, migrations, clocks, processes, port. Exit code 1 if something is."
    )

    def handle(self, *_: object, **__: object) -> None:
        """Say what was found, a line for each part, as it is found."""
        console = Console(soft_wrap=True, highlight=False)
        found = []
        for finding in look():
            found.append(finding)
            console.print(_line(finding, coloured=sys.stdout.isatty()))
        if wrong := [finding.name for finding in found if not finding.is_well]:
            raise CommandError(f"not well: {', '.join(wrong)}", returncode=ExitCode.FAILED)


def _line(finding: Finding, *, coloured: bool) -> Text:
    """A tick or a cross for people, words for programs."""
    words = {True: ("✓", "green"), False: ("✗", "red")}[finding.is_well]
    mark = Text.assemble((words[0], words[1]), f" {finding.name:<20} {finding.told}")
    plain = f"{finding.name}: {'' if finding.is_well else 'NOT WELL: '}{finding.told}"
    return mark if coloured else Text(plain)
