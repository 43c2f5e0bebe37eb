"""Look whether this version can take over the work."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cardgen.management.readiness import look
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Changes nothing."""

    help = (
        "Look at servers, settings, master key, disk and migrations before this version takes over."
        " Exit code 1 if something is not well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the option."""
        parser.add_argument(
            "--contract",
            action="store_true",
            help="migrations may remove or rename what older versions read",
        )

    def handle(self, *_: object, **options: Any) -> None:
        """Say what was found, a line for each part."""
        found = list(look(contracts=options["contract"]))
        for finding in found:
            mark = "" if finding.is_well else "NOT WELL: "
            self.stdout.write(f"{finding.name}: {mark}{finding.told}")
        if wrong := [finding.name for finding in found if not finding.is_well]:
            raise CommandError(f"not well: {', '.join(wrong)}", returncode=ExitCode.FAILED)
