"""Prove that no number is there twice."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from tqdm import tqdm

from generation import ranges
from generation.models import IssuerRange
from jobs.management.naming import job_named
from jobs.proof import as_dict, lines, prove, what_to_do
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness.proof.scope import Extent

_MOST_THREADS = 16
_SAY_EVERY = 5.0  # seconds


class Command(OperatorCommand):
    """Reads everything, trusts nothing, changes nothing; the report goes to stdout."""

    help = (
        "Re-mint every card in the ledger and compare; check spans, counters, exclusions and both"
        " unique indexes. Changes nothing; jobs may run meanwhile (not with a distributed ledger)."
        " Exit code 1: something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--range", metavar="NAME", help="this one alone, e.g. 400000-16")
        part.add_argument("--job", type=UUID, metavar="ID", help="this one alone")
        parser.add_argument(
            "--fast", action="store_true", help="do not re-mint: look only at where cards lie"
        )
        parser.add_argument(
            "--threads", type=int, default=2, help=f"1 to {_MOST_THREADS}; each has a connection"
        )
        parser.add_argument(
            "--while-minting",
            action="store_true",
            help="prove a distributed ledger although cards are made; findings may be false",
        )
        parser.add_argument("--json", action="store_true", help="the report as JSON")

    @ending_plainly(interrupted="nothing was changed")
    def handle(self, *_: object, **options: Any) -> None:
        """Check, report, and fail loudly if anything is wrong."""
        if not 1 <= options["threads"] <= _MOST_THREADS:
            raise CommandError(
                f"--threads is 1 to {_MOST_THREADS}", returncode=ExitCode.BAD_REQUEST
            )
        owner = job_named(options["job"]).id if options["job"] else None
        scope = Extent(issuer_range=_range(options["range"]), owner=owner)
        with self._progress() as progress:
            report = prove(
                scope=scope,
                fast=options["fast"],
                while_minting=options["while_minting"],
                threads=options["threads"],
                progress=progress,
            )
        told = (
            json.dumps(as_dict(report), indent=2) if options["json"] else "\n".join(lines(report))
        )
        self.stdout.write(told)
        if report.failed:
            raise CommandError(what_to_do(report), returncode=ExitCode.FAILED)

    @contextmanager
    def _progress(self) -> Iterator[Callable[[int, int], None]]:
        """Show a bar on a terminal, else a line every few seconds."""
        if not sys.stderr.isatty():
            yield self._percent()
            return
        with tqdm(unit=" cards", unit_scale=True, desc="validating", file=sys.stderr) as bar:
            yield lambda done, total: _draw(bar, done, total)

    def _percent(self) -> Callable[[int, int], None]:
        said = time.monotonic()

        def say(done: int, total: int) -> None:
            nonlocal said
            if total and time.monotonic() - said > _SAY_EVERY:
                said = time.monotonic()
                self.stderr.write(f"{min(done / total, 1):.0%} of {counted(total, 'card')}")

        return say


def _draw(bar: "tqdm[Any]", done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _range(name: str | None) -> IssuerRange | None:
    found = list(ranges.registered(name)) if name else [None]
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(one) for one in found)
    why = f"{name} is one of {names}: say which" if found else f"no issuer range {name} is there"
    raise CommandError(why, returncode=ExitCode.BAD_REQUEST)
