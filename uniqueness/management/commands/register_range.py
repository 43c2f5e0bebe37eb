"""Register a range that the organisation owns."""

from argparse import ArgumentParser
from typing import Any

from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.wording import counted
from uniqueness import registry


class Command(OperatorCommand):
    """The same as POST /api/v1/issuer-ranges."""

    help = "Register an issuer range that your organisation owns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--scheme", required=True, help="code, e.g. visa")
        parser.add_argument("--iin", required=True, help="6 or 8 digits")
        parser.add_argument("--pan-length", required=True, type=int)
        parser.add_argument(
            "--statement", required=True, help="why the organisation may use these numbers"
        )

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Register it."""
        names = ("scheme", "iin", "pan_length", "statement")
        made = registry.register_owned(
            **{name: options[name] for name in names}, actor=shell_user()
        )
        self.stdout.write(made.name)
        self.stderr.write(f"{counted(made.capacity, 'number')} can be issued in {made.name}")
