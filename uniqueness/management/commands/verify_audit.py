"""Check that no entry of the audit trail was changed or taken out."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError

from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness.trail import Anchor, verify

_SHOWN = 10


class Command(OperatorCommand):
    """The last entry goes to stdout, as the next run's `--anchor`; keep it somewhere else."""

    help = (
        "Recompute the digests of the audit trail. Exit code 1 if an entry was changed or is gone."
        " Keep what it prints outside the database and give it to the next run as --anchor: only"
        " then is it seen if the newest entries were taken away, or all written anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--anchor", type=_anchor, metavar="ID:DIGEST", help="what an earlier run printed"
        )

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Verify, and say what is wrong."""
        found = verify(anchor=options["anchor"])
        self.stderr.write(f"{counted(found.entries, 'entry', 'entries')} read")
        if found.wrong:
            told = "\n".join(found.wrong[:_SHOWN])
            raise CommandError(told, returncode=ExitCode.FAILED)
        if found.entries:
            self.stdout.write(f"{found.last.id}:{found.last.digest.hex()}")


def _anchor(text: str) -> Anchor:
    found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text)
    if not found:
        raise ArgumentTypeError("write the line that an earlier run printed: ID:DIGEST")
    return Anchor(id=int(found[1]), digest=bytes.fromhex(found[2]))
