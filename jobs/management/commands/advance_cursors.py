"""Step past numbers that may have been handed out since a backup was made."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from jobs import upkeep
from jobs.upkeep import Restored
from toolkit.actor import shell_user
from toolkit.command_line import ending_plainly
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness import trail
from uniqueness.pool import recording
from uniqueness.pool.recording import Recorded

_GRACE = timedelta(minutes=1)


class Command(OperatorCommand):
    """Run it once after every restore, before workers and web are started."""

    help = (
        "After a restore from a backup: give up every number that may have been handed out between"
        " the backup and the loss. Unfinished jobs go on with other numbers. Ranges registered in"
        " the lost time are lost with it: register them again first. So are numbers claimed or"
        " imported: import them again, from the callers' files, and leave them there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        lost = parser.add_mutually_exclusive_group(required=True)
        lost.add_argument(
            "--recorded",
            type=Path,
            metavar="FOLDER",
            help="where CARDGEN_BACKUP_FOLDER was: step past what positions.json and the backups"
            " there say, and past what can have been set aside since",
        )
        lost.add_argument(
            "--by",
            help="more numbers than any one range can have set aside in the lost time: all that"
            " were ordered, minted or not; 2,000,000 more for each sequential order, which takes"
            " whole windows, and 500,000 more for each with distinct last fours. Rounded up to"
            " whole windows of 1,000,000: a range of no more than that is exhausted by any",
        )
        parser.add_argument(
            "--lost-at",
            type=datetime.fromisoformat,
            metavar="TIME",
            help="with --recorded: when the database was lost, 2026-11-28T20:36:00Z; without it a"
            f" minute after {recording.NAME} was written last",
        )
        parser.add_argument("--reason", required=True, help="stands in the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    @ending_plainly(interrupted="nothing was changed")
    def handle(self, *_: object, **options: Any) -> None:
        """Advance all ranges in use."""
        known, by = self._lost(options)
        trail.require_reason(options["reason"])
        with transaction.atomic():
            done = upkeep.advance_cursors(
                by=by, known=known, actor=shell_user(), reason=options["reason"]
            )
            self._report(done)
            if options["dry_run"]:
                transaction.set_rollback(True)
                self.stdout.write("dry run: nothing was changed")

    def _lost(self, options: dict[str, Any]) -> tuple[Mapping[str, int], int]:
        """Find how far the cursors are known to have been, and how far they can have gone then."""
        if options["by"] is not None:
            return {}, _number(options["by"])
        found = recording.read(options["recorded"])
        unknown = _since(found, lost_at=options["lost_at"])
        by = upkeep.unseen(unknown)
        self.stdout.write(
            f"known until {found.at:%Y-%m-%d %H:%M:%S} UTC; {unknown.total_seconds():,.0f} s are"
            f" not: {by:,} numbers more of each range"
        )
        return found.positions, by

    def _report(self, done: Restored) -> None:
        for step in done.steps:
            told = ", exhausted" if step.exhausted else ""
            self.stdout.write(f"{step.name}: from {step.before:,} to {step.after:,}{told}")
        self.stdout.write(
            counted(done.replanned, "unfinished job goes", "unfinished jobs go")
            + f" on with other numbers, {done.failed:,} cannot"
        )
        if not done.cache_told:
            self.stdout.write("the cache does not answer: flush it before the web starts")


def _since(found: Recorded, *, lost_at: datetime | None) -> timedelta:
    """Say for how long nothing is known; positions were written every few seconds to the end."""
    if lost_at is not None:
        lost = lost_at if lost_at.tzinfo else lost_at.replace(tzinfo=UTC)
        return max(lost - found.at, timedelta(0))
    if found.steadily:
        return _GRACE
    raise CommandError(
        f"the last that is known is the backup of {found.at:%Y-%m-%d %H:%M:%S} UTC: say --lost-at,"
        " when the database was lost",
        returncode=ExitCode.BAD_REQUEST,
    )


def _number(text: str) -> int:
    plain = text.replace(",", "").replace("_", "")
    if not (plain.isascii() and plain.isdecimal() and int(plain) <= 10**12):
        raise CommandError(
            "--by is a number of cards, 0 to 1,000,000,000,000", returncode=ExitCode.BAD_REQUEST
        )
    return int(plain)
