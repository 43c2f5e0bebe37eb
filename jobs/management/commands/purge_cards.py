"""Delete cards that are kept long enough."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from tqdm import tqdm

from jobs import upkeep
from jobs.management.naming import job_named
from jobs.models import Job
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted


class Command(OperatorCommand):
    """Rows of the ledger go; slots stay burnt, and `check` still says issued."""

    help = (
        "Delete the cards of finished jobs from the ledger. Their numbers are never handed out"
        " again. Negative cards and those with distinct last fours stay. Safe to interrupt and to"
        " repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--older-than", type=int, metavar="DAYS", help="finished so long ago")
        which.add_argument("--job", type=UUID, metavar="ID")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    @ending_plainly(interrupted="run it again to go on")
    def handle(self, *_: object, **options: Any) -> None:
        """Purge the jobs one after another."""
        jobs = _jobs(options)
        cards = upkeep.cards_left(jobs)
        of_jobs = f"of {counted(len(jobs), 'job')}"
        if options["dry_run"]:
            self.stdout.write(f"{counted(cards, 'card')} {of_jobs} would be deleted")
            return
        gone = counted(_purge(jobs, cards=cards), "card")
        self.stdout.write(f"{gone} {of_jobs} deleted; their numbers stay issued")


def _jobs(options: dict[str, Any]) -> list[Job]:
    if options["job"]:
        return [job_named(options["job"])]
    if not 0 <= options["older_than"] <= upkeep.MOST_DAYS:
        raise CommandError(
            f"--older-than is a number of days from 0 to {upkeep.MOST_DAYS:,}",
            returncode=ExitCode.BAD_REQUEST,
        )
    return list(upkeep.due(days=options["older_than"]))


def _purge(jobs: list[Job], *, cards: int) -> int:
    gone = 0
    hidden = not sys.stderr.isatty()
    with tqdm(total=cards, unit=" cards", unit_scale=True, file=sys.stderr, disable=hidden) as bar:
        for job in jobs:
            for deleted in upkeep.purge_cards(job):
                gone += deleted
                bar.update(deleted)
    return gone
