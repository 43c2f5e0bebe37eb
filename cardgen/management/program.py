"""What is typed after `cardgen`: our commands and Django's, all with the same exit codes."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand, CommandError, SystemCheckError

from cardgen.management.typed_names import require_known, typed_module
from toolkit.exit_codes import ExitCode
from toolkit.near import did_you_mean


class Program(ManagementUtility):
    """Django's, but a mistake ends with a bad request: its own code 1 means a bad result here."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Find a command by its name; without one, end the process."""
        if subcommand not in get_commands():
            _refuse_unknown(subcommand)
        command: BaseCommand = super().fetch_command(subcommand)
        command.execute = _refusing(command)  # type: ignore[method-assign]
        return command


def run(arguments: list[str]) -> None:
    """Run the command of a command line; `arguments` begins with the program."""
    try:
        Program(arguments).execute()
    except ModuleNotFoundError as error:
        if not typed_module(error, arguments):
            raise
        sys.stderr.write(f"cardgen: there is no Python module {error.name!r}\n")
        sys.exit(ExitCode.BAD_REQUEST)


def _refuse_unknown(name: str) -> NoReturn:
    _ = settings.INSTALLED_APPS  # raises if settings are wrong: then only Django's are known
    meant = did_you_mean(name, get_commands())
    sys.stderr.write(f"cardgen: there is no command {name!r}.{meant} See `cardgen --help`.\n")
    sys.exit(ExitCode.BAD_REQUEST)


def _refusing(command: BaseCommand) -> Callable[..., Any]:
    """Let commands of Django refuse as ours do; what its checks find is a bad result."""
    execute = command.execute

    def executed(*arguments: Any, **options: Any) -> Any:
        try:
            require_known(command, arguments, options)
            return execute(*arguments, **options)
        except CommandError as error:
            if isinstance(error, SystemCheckError) or options["traceback"]:
                raise
            command.stderr.write(f"cardgen: {error}")
            sys.exit(ExitCode.BAD_REQUEST)

    return executed
