"""What every management command of ours is."""

import os
import sys
from typing import Any

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    SystemCheckError,
)

from toolkit.option_hints import suggest_in

_NAME = "cardgen"
_OURS_ALONE = 0o077


class OperatorCommand(BaseCommand):
    """A command that starts without Django's checks, which took a second of each start.

    They are for those who change the code: `make lint` runs them. Settings are looked at whenever a
    process starts (jobs/limits.py).
    """

    requires_system_checks = ()
    _typed = False

    def create_parser(self, prog_name: str, subcommand: str, **more: Any) -> CommandParser:
        """Make the parser of what is typed; it says what may be meant by what is not there."""
        parser = super().create_parser(prog_name, subcommand, **more)
        suggest_in(parser)
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run it as the process that it is; what it writes, cards for example, is ours alone.

        Not when Python calls it: the mode is the whole process', other threads write too.
        """
        self._typed = True
        before = os.umask(_OURS_ALONE)
        try:
            super().run_from_argv(argv)
        finally:
            os.umask(before)

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        """Run it; where it was typed, what it refuses is one line that names no class of ours.

        :raises CommandError: to whoever calls it from Python, or asks for a traceback
        """
        try:
            return super().execute(*arguments, **options)
        except CommandError as error:
            if not self._typed or options["traceback"] or isinstance(error, SystemCheckError):
                raise
            self.stderr.write(f"{_NAME}: {error}")
            sys.exit(error.returncode)
