"""Bring the Bloom filters up to date."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation.errors import MasterKeyMismatch, UnregisteredIin
from generation.models import IssuerRange
from generation.ranges import range_named
from uniqueness import bloom
from uniqueness.bloom import SyncPlan, SyncReport


class Command(BaseCommand):
    """What beat does too, for everything at once."""

    help = (
        "Seal the Bloom filters of full windows, store again those that the cache server lost, and"
        " drop stale ones. Exit codes: 0 done, 2 no such range, 3 the cache server, or a node of"
        " it, does not answer or has no room, or the master key is another one, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--range", metavar="NAME", help="this one alone, e.g. 400000-16")
        parser.add_argument(
            "--rebuild", action="store_true", help="build every sealed filter again, too"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what there is to do")

    def handle(self, *_: object, **options: Any) -> None:
        """Plan, then do it, with a bar on a terminal."""
        planned = bloom.plan(issuer_range=_range(options["range"]), rebuild=options["rebuild"])
        if planned is None:
            raise CommandError("the cache server does not answer", returncode=3)
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
            raise CommandError("the cache server fails or has no room for more", returncode=3)


def _range(name: str | None) -> IssuerRange | None:
    try:
        return range_named(name) if name else None
    except UnregisteredIin as error:
        raise CommandError(error.detail, returncode=2) from None


def _carry_out(planned: SyncPlan) -> SyncReport:
    total = len(planned.unsealed) + len(planned.lost)
    hidden = not sys.stderr.isatty()
    try:
        with tqdm(total=total, unit=" windows", file=sys.stderr, disable=hidden) as bar:
            return bloom.carry_out(planned, step=bar.update)
    except MasterKeyMismatch as error:
        raise CommandError(str(error), returncode=3) from None
    except KeyboardInterrupt:
        raise CommandError("interrupted; what is sealed stays", returncode=130) from None
