"""Give a team another name."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cardgen.access.people import rename_team
from jobs.models import Team
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Profiles follow; scripts that order for the old name are refused and told the new one."""

    help = "Give a team another name. No other team ever gets the old one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("team", help="its name now")
        parser.add_argument("name", help="its new name")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Rename it."""
        team = Team.objects.filter(name=options["team"]).first()
        if team is None:
            message = f"There is no team {options['team']!r}."
            raise CommandError(message, returncode=ExitCode.BAD_REQUEST)
        renamed = rename_team(team, name=options["name"], actor=shell_user())
        self.stderr.write("renamed" if renamed else "it is called that already")
