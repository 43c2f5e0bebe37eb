"""Say whether database, settings and processes are ready for the version of this code."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cardgen.upgrade import State, look
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.version import VERSION


class Command(OperatorCommand):
    """It changes nothing. Run it with the new code and the settings of the old."""

    help = (
        f"Look what an upgrade to cardgen {VERSION} would hold up: settings that are gone, the"
        " server's version, migrations and what they lock, versions of running workers. Exit code"
        " 1: something must be done first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Look, and tell each finding in a line."""
        findings = list(look())
        for one in findings:
            fields = {"state": one.state, "about": one.about, "what": one.what}
            plain = f"{one.state:<6} {one.about}: {one.what}"
            self.stdout.write(json.dumps(fields) if options["json"] else plain)
        stops = len([one for one in findings if one.state == State.STOP])
        if stops:
            raise CommandError(f"not ready for {VERSION}: {stops}", returncode=ExitCode.FAILED)
        self.stderr.write(f"ready for {VERSION}")
