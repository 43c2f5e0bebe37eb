"""Do a job from the command line."""

import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from django.core.management.base import CommandError
from tqdm import tqdm

from generation import ranges
from generation.fields import DEFAULT
from jobs import orders
from jobs.management.typed_order import add_order_options, order_of
from jobs.models import Job, Status
from jobs.orders import Origin
from jobs.orders.error_answers import add_errors
from jobs.results import DELIMITERS, FORMS, Layout, ResultFile
from jobs.work import bell, run_here
from toolkit.command_line import ending_plainly, owner_named
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.new_files import add_force, new_file, require_new
from toolkit.refusals import Refusal
from toolkit.wording import counted


class Interrupted(CommandError):
    """Ctrl-C: the job itself goes on or waits for workers; nothing is lost."""


class Command(OperatorCommand):
    """Result on stdout or in a file; everything else on stderr."""

    help = (
        "Issue cards and write them to a file or stdout. Works with or without running workers."
        " Exit code 1: the job failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        add_order_options(parser)
        parser.add_argument("--user", help="owner of the job; the first administrator if absent")
        parser.add_argument("--format", choices=sorted(FORMS), default="csv")
        parser.add_argument("--delimiter", choices=sorted(DELIMITERS), default="comma")
        parser.add_argument("--out", default="-", help="file to write; - is stdout, the default")
        add_force(parser)

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Submit the job, help with it, and write its cards."""
        started = time.monotonic()
        owner = owner_named(options["user"])
        order, origin = order_of(options, owner=owner), Origin(owner=owner)
        layout = Layout(fields=order.fields or DEFAULT, delimiter=DELIMITERS[options["delimiter"]])
        _check_destination(options["out"], force=options["force"])
        ranges.check_master_key()  # else a job would be made only to fail
        try:
            FORMS[options["format"]].check(rows=order.count)
            job = orders.submit(order=order, origin=origin, ring=bell.ring_all)
        except Refusal as refusal:
            add_errors(refusal, order, origin=origin, body={})
            raise
        self._mint(job)
        self._require_success(job)
        result = ResultFile(job=job, form_name=options["format"], layout=layout)
        with self._naming(job), _destination(options["out"], force=options["force"]) as file:
            file.writelines(result.pieces())
        seconds = time.monotonic() - started
        self.stderr.write(
            f"{counted(job.produced, 'card')} in {seconds:.1f} s"
            f" ({job.produced / seconds:,.0f} a second, file included); job {job.id}"
        )

    def _mint(self, job: Job) -> None:
        """Show a bar while the cards are minted, here and by whatever workers there are."""
        bar = tqdm(
            total=job.requested,
            unit=" cards",
            unit_scale=True,
            desc="minting",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )
        with _interruptible() as interrupted, bar:
            for produced in run_here(job.id):
                bar.update(produced - bar.n)
                if interrupted:
                    raise Interrupted(
                        f"interrupted; job {job.id} is kept and running workers finish it",
                        returncode=ExitCode.INTERRUPTED,
                    )

    @contextmanager
    def _naming(self, job: Job) -> Iterator[None]:
        """Say which job has the cards that could not be written."""
        try:
            yield
        except (BrokenPipeError, CommandError):
            self.stderr.write(f"job {job.id} has all its cards")
            raise

    def _require_success(self, job: Job) -> None:
        job.refresh_from_db()
        if job.status != Status.SUCCEEDED:
            raise CommandError(
                f"job {job.id} {job.status}: {job.error}", returncode=ExitCode.FAILED
            )


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Collect Ctrl-C instead of raising, so that the chunk in hand is committed first."""
    received: list[int] = []

    def remember(number: int, _: FrameType | None) -> None:
        received.append(number)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, before)


def _check_destination(out: str, *, force: bool) -> None:
    """Refuse a place that cannot be written, or is taken, before anything is minted."""
    path = Path(out)
    if out == "-":
        return
    if path.is_dir() or not path.parent.is_dir():
        why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise CommandError(f"cannot write {out}: {why}", returncode=ExitCode.BAD_REQUEST)
    require_new([path], force=force)


@contextmanager
def _destination(out: str, *, force: bool) -> Iterator[BinaryIO]:
    """Open stdout, or a file that appears under its name only when it is whole."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with new_file(Path(out), force=force) as file:
        yield file
