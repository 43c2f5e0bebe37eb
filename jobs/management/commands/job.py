"""List the newest jobs; look at one; cancel, pause, resume or retry it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import Count

from jobs import control, watching
from jobs.management.naming import job_named
from jobs.models import Chunk, Job, Status
from jobs.work import bell
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode

_LISTED = 10
_MOVES = {
    "cancel": "stop it; the cards that were issued stay",
    "pause": "hand out no more of its chunks; those in hand are finished",
    "resume": "let it go on",
    "retry": "issue what a failed one is short of, with other numbers",
}
_RINGING = {"resume", "retry"}


class Command(OperatorCommand):
    """The figures go to stdout."""

    help = (
        "Show one job: its state, its chunks, why it failed and when it is tried again."
        f" Without ID list the newest {_LISTED} jobs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("job", type=UUID, metavar="ID", nargs="?")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--failed", action="store_true", help="list only those that failed")
        for move, what in _MOVES.items():
            which.add_argument(f"--{move}", action="store_true", help=what)

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """List, or do to the job what is asked and show it."""
        move = next((move for move in _MOVES if options[move]), "")
        if options["job"] is None:
            self._list(move, failed=options["failed"])
        elif options["failed"]:
            raise _mistake("--failed lists jobs: leave out the ID")
        else:
            self._show(job_named(options["job"]), move)

    def _list(self, move: str, *, failed: bool) -> None:
        if move:
            raise _mistake(f"--{move} needs the ID of a job")
        jobs = Job.objects.filter(status=Status.FAILED) if failed else Job.objects
        for job in jobs.select_related("owner").order_by("-created_at", "-id")[:_LISTED]:
            self.stdout.write("  ".join([str(job.id), f"{job.status:<10}", *_words(job)]))

    def _show(self, job: Job, move: str) -> None:
        if move:
            ring = {"ring": bell.ring_all} if move in _RINGING else {}
            job = getattr(control, move)(job, actor=shell_user(), **ring)
        for name, value in _lines(job):
            self.stdout.write(f"{name:<14}{value}")


def _mistake(what: str) -> CommandError:
    return CommandError(what, returncode=ExitCode.BAD_REQUEST)


def _words(job: Job) -> Iterator[str]:
    yield f"{job.produced:,} of {job.requested:,}"
    yield job.owner.get_username()
    if job.label:
        yield job.label


def _lines(job: Job) -> Iterator[tuple[str, str]]:
    yield "job", str(job.id)
    yield "label", job.label or "none"
    yield "owner", job.owner.get_username() + (f", team {job.team}" if job.team else "")
    yield "status", job.status
    yield "cards", f"{job.produced:,} of {job.requested:,}"
    yield "chunks", _chunks(job)
    if job.error_code:
        yield "error", f"{job.error_code}: {job.error}"
    if retries := watching.retries_of([job]).get(job.id):
        yield from _retries(retries)


def _chunks(job: Job) -> str:
    states = Chunk.objects.filter(job=job).values_list("state").annotate(number=Count("*"))
    return ", ".join(f"{number:,} {state}" for state, number in states.order_by("state")) or "none"


def _retries(retries: watching.Retries) -> Iterator[tuple[str, str]]:
    yield "attempts", f"{retries.attempts} of {retries.max_attempts}"
    yield "last error", retries.last_error
    if retries.next_attempt_at:
        yield "next attempt", f"{retries.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC"
