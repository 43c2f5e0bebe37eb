"""Re-mint the cards of a job and compare."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from tqdm import tqdm

from jobs.management.naming import job_named
from jobs.models import Job
from jobs.proof import prove_cards
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness.proof.findings import Check, Offenders
from uniqueness.proof.moment import one_moment


class Command(OperatorCommand):
    """The ledger against the keys: exit code 0 only if every card is there and equal."""

    help = (
        "Re-mint every card of a job from the keys and compare it with the ledger. Exit code 1:"
        " some differ or are missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--job", required=True, type=UUID, metavar="ID")

    @ending_plainly(interrupted="nothing was changed")
    def handle(self, *_: object, **options: Any) -> None:
        """Prove the cards of this job alone."""
        with one_moment():  # a job that goes on counts no more cards than are looked at
            job = job_named(options["job"])
            self._report(job, _look_at(job))

    def _report(self, job: Job, found: Offenders) -> None:
        self.stdout.write(
            f"job {job.id}: {counted(found.cards, 'card')} in the ledger, {job.produced:,} counted"
        )
        for slot in found.names.get(Check.CARDS, []):
            self.stdout.write(f"{slot} differs from its re-minted card")
        for chunk in found.names.get(Check.CHUNKS, []):
            self.stdout.write(chunk)
        if found.counts:
            raise CommandError(
                counted(found.counts[Check.CARDS], "card differs", "cards differ")
                + f", {counted(found.counts[Check.CHUNKS], 'chunk is', 'chunks are')} short:"
                f" `validate_uniqueness --job {job.id}` tells more",
                returncode=ExitCode.FAILED,
            )
        if purged := job.produced - found.cards:
            gone = counted(purged, "card was", "cards were")
            raise CommandError(f"{gone} purged", returncode=ExitCode.FAILED)
        self.stdout.write("every card equals its re-minted card")


def _look_at(job: Job) -> Offenders:
    hidden = not sys.stderr.isatty()
    with tqdm(
        total=job.produced, unit=" cards", unit_scale=True, file=sys.stderr, disable=hidden
    ) as bar:
        return prove_cards(owner=job.id, progress=lambda done: bar.update(done - bar.n))
