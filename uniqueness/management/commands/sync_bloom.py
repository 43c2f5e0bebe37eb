"""Bring the Bloom filters up to date."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from generation.ranges import range_named
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from uniqueness import bloom
from uniqueness.bloom import SyncPlan, SyncReport


class Command(OperatorCommand):
    """What beat does too, for everything at once."""

    help = (
        "Seal the Bloom filters of full windows, store again those that the cache server lost, and"
        " drop stale ones. Exit code 3: the cache server, or a node of it, does not"
        " answer or has no room."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--range", metavar="NAME", help="this one alone, e.g. 400000-16")
        parser.add_argument(
            "--rebuild", action="store_true", help="build every sealed filter again, too"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what there is to do")

    @ending_plainly(interrupted="what is sealed stays")
    def handle(self, *_: object, **options: Any) -> None:
        """Plan, then do it, with a bar on a terminal."""
        issuer_range = range_named(options["range"]) if options["range"] else None
        planned = bloom.plan(issuer_range=issuer_range, rebuild=options["rebuild"])
        if planned is None:
            raise CommandError("the cache server does not answer", returncode=ExitCode.REFUSED)
        if options["dry_run"]:
            self.stdout.write(
                f"to seal: {len(planned.unsealed)}, to store again: {len(planned.lost)},"
                f" to drop: {len(planned.stale)}"
            )
            return
        report = _carry_out(planned)
        self.stdout.write(
            f"sealed: {report.sealed}, busy: {report.busy}, dropped: {report.dropped},"
            f" left: {report.left}"
        )
        if report.left > report.busy:
            raise CommandError(
                "the cache server fails or has no room for more", returncode=ExitCode.REFUSED
            )


def _carry_out(planned: SyncPlan) -> SyncReport:
    total = len(planned.unsealed) + len(planned.lost)
    hidden = not sys.stderr.isatty()
    with tqdm(total=total, unit=" windows", file=sys.stderr, disable=hidden) as bar:
        return bloom.carry_out(planned, step=bar.update)
