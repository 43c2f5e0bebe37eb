"""Re-mint the cards of a job and compare."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from jobs.models import Chunk, Job
from toolkit.command_line import ending_plainly
from toolkit.exit_codes import ExitCode
from uniqueness.proof import comparison
from uniqueness.proof.comparison import Comparison

_SHOWN = 10


class Command(BaseCommand):
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
        """Compare chunk by chunk."""
        job = Job.objects.filter(id=options["job"]).first()
        if job is None:
            raise CommandError(f"there is no job {options['job']}", returncode=ExitCode.BAD_REQUEST)
        chunks = Chunk.objects.filter(job=job, state="done").select_related("item__issuer_range")
        bar = tqdm(
            chunks.order_by("id"),
            total=chunks.count(),
            unit=" chunks",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )
        results = [(chunk, _compare(job, chunk)) for chunk in bar]
        self._report(job, results)

    def _report(self, job: Job, results: list[tuple[Chunk, Comparison]]) -> None:
        rows = sum(found.rows for _, found in results)
        differing = [slot for _, found in results for slot in found.differing]
        short = [chunk for chunk, found in results if found.rows != chunk.produced]
        self.stdout.write(f"job {job.id}: {rows:,} cards in the ledger, {job.produced:,} counted")
        for slot in differing[:_SHOWN]:
            self.stdout.write(f"slot {slot} differs from its re-minted card")
        for chunk in short[:_SHOWN]:
            self.stdout.write(
                f"chunk {chunk.pk} does not hold the {chunk.produced} cards it counted"
            )
        if differing or short or rows != job.produced:
            raise CommandError(
                f"{len(differing)} cards differ, {len(short)} chunks are short",
                returncode=ExitCode.FAILED,
            )
        self.stdout.write("every card equals its re-minted card")


def _compare(job: Job, chunk: Chunk) -> Comparison:
    return comparison.compare(
        issuer_range=chunk.item.issuer_range,
        span=chunk.span,
        recipe=job.recipe,
        only=chunk.slots,
    )
