"""Fill the cache after it was wiped or replaced."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from generation.models import IssuerRange
from generation.ranges import range_named
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness import bloom, cache
from uniqueness.cache import CacheUnreachable, WarmPlan


class Command(OperatorCommand):
    """The report goes to standard output, the bar to standard error (docs/scanning.md)."""

    help = (
        "Put the newest issued cards into the cache, so that look-ups find them there. Exit code 3:"
        " the cache server, or a node of it, does not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--range", metavar="NAME", help="this one alone, e.g. 400000-16")
        parser.add_argument(
            "--newest",
            type=int,
            metavar="N",
            help="how many; CARDGEN_CACHE_SHARED if absent, which is also the most",
        )
        parser.add_argument(
            "--filters", action="store_true", help="first store sealed filters that were lost, too"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what there is to do")

    @ending_plainly(interrupted="what is in the cache stays")
    def handle(self, *_: object, **options: Any) -> None:
        """Plan, then do it, with a bar on a terminal."""
        issuer_range = range_named(options["range"]) if options["range"] else None
        planned = cache.plan(newest=_newest(options["newest"]), issuer_range=issuer_range)
        if options["filters"]:
            self._store_filters(issuer_range, dry_run=options["dry_run"])
        if options["dry_run"]:
            self.stdout.write(f"cards to put into the cache: {planned.cards:,}")
        else:
            self._warm(planned)

    def _store_filters(self, issuer_range: IssuerRange | None, *, dry_run: bool) -> None:
        todo = bloom.plan(issuer_range=issuer_range)
        if todo is None:
            raise CacheUnreachable("The cache server does not answer.")
        if dry_run:
            self.stdout.write(f"filters to store: {len(todo.unsealed) + len(todo.lost):,}")
            return
        report = bloom.carry_out(todo)
        self.stdout.write(f"filters stored: {report.sealed:,}, left: {report.left:,}")

    def _warm(self, planned: WarmPlan) -> None:
        started = time.monotonic()
        hidden = not sys.stderr.isatty()
        with tqdm(total=planned.cards, unit=" cards", file=sys.stderr, disable=hidden) as bar:
            report = cache.carry_out(planned, step=bar.update)
        seconds = max(time.monotonic() - started, 1e-3)
        self.stdout.write(
            f"cards put into the cache: {report.kept:,} in {seconds:.1f} s"
            f" ({report.kept / seconds:,.0f} a second)"
        )
        if report.refused:
            refused = counted(report.refused, "card")
            raise CacheUnreachable(f"Some of the cache did not take {refused}.")


def _newest(asked: int | None) -> int:
    most: int = settings.CARDGEN_CACHE_SHARED
    if asked is None:
        return most
    if not 1 <= asked <= most:
        raise CommandError(
            f"--newest must be from 1 to {most:,} (CARDGEN_CACHE_SHARED)",
            returncode=ExitCode.BAD_REQUEST,
        )
    return asked
