"""Look at the whole queue, pause it, or let it go on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from jobs import control, watching
from jobs.work import bell
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """The figures go to stdout."""

    help = (
        "Show what waits and who serves the queue; with --pause or --resume and --reason switch it"
        " first. While it is paused jobs are accepted and wait; chunks in hand are finished."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--pause", action="store_true", help="hand out no more work")
        which.add_argument("--resume", action="store_true", help="hand out work again")
        parser.add_argument("--reason", default="", help="why; users see it while it is paused")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Switch if asked to, then show."""
        switch = options["pause"] or options["resume"]
        if options["reason"] and not switch:
            raise CommandError(
                "--reason goes with --pause or --resume", returncode=ExitCode.BAD_REQUEST
            )
        if switch:
            control.set_queue(
                paused=options["pause"],
                reason=options["reason"],
                actor=shell_user(),
                ring=bell.ring_all,
            )
        self._show(watching.look())

    def _show(self, now: watching.QueueFigures) -> None:
        why = f" by {now.changed_by}: {now.reason}" if now.paused else ""
        seconds = now.oldest_waiting_seconds
        oldest = "" if seconds is None else f", the oldest for {seconds:,.0f} s"
        self.stdout.write(f"queue        {'paused' + why if now.paused else 'running'}")
        self.stdout.write(f"chunks       {now.waiting_chunks:,} waiting{oldest}")
        self.stdout.write(f"             {now.running_chunks:,} being minted")
        self.stdout.write(f"workers      {now.workers:,} alive")
        self.stdout.write(f"reconcilers  {now.reconcilers:,} alive")
