"""Delete jobs that are kept long enough."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from jobs import upkeep
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted


class Command(OperatorCommand):
    """Jobs without cards go; `check` still says issued, without a job."""

    help = (
        "Delete jobs that finished long ago and have no cards left: purged, or ended without any."
        " Their numbers are never handed out again. A job whose Idempotency-Key is still kept"
        " stays. Safe to interrupt and to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--older-than", type=int, metavar="DAYS", required=True, help="finished so long ago"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    @ending_plainly(interrupted="run it again to go on")
    def handle(self, *_: object, **options: Any) -> None:
        """Forget the jobs, some at a time."""
        days = options["older_than"]
        # What was ordered today counts against today's quotas.
        if not 1 <= days <= upkeep.MOST_DAYS:
            raise CommandError(
                f"--older-than is a number of days from 1 to {upkeep.MOST_DAYS:,}",
                returncode=ExitCode.BAD_REQUEST,
            )
        due = upkeep.forgettable(days=days).count()
        if options["dry_run"]:
            self.stdout.write(f"{counted(due, 'job')} would be forgotten")
            return
        gone = _forget(days, due=due)
        self.stdout.write(f"{counted(gone, 'job')} forgotten; their numbers stay issued")


def _forget(days: int, *, due: int) -> int:
    gone = 0
    with tqdm(total=due, unit=" jobs", disable=not sys.stderr.isatty()) as bar:
        for some in upkeep.forget_jobs(days=days):
            gone += some
            bar.update(some)
    return gone
