"""Restore a backup into an empty database."""

from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command

from cardgen import backup
from cardgen.embedded import servers
from toolkit.command_line import ending_plainly, written
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted


class Command(OperatorCommand):
    """What it says goes to stderr; a refusal leaves the database as it was."""

    help = (
        "Restore a backup into an empty database. Before that compare checksums, the master key"
        " and the version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "backup",
            type=Path,
            nargs="?",
            help="the folder cardgen-DATE; without it --recorded alone, where the database was"
            " restored by other means",
        )
        parser.add_argument("--identity", type=Path, metavar="FILE", help="age's secret key")
        parser.add_argument(
            "--recorded",
            type=Path,
            metavar="FOLDER",
            help="then step past the numbers of the lost time, as advance_cursors does",
        )
        parser.add_argument(
            "--lost-at",
            type=datetime.fromisoformat,
            metavar="TIME",
            help="with --recorded: when the database was lost",
        )
        parser.add_argument(
            "--into-scratch",
            action="store_true",
            help="only try it: into a server in TMPDIR, with a proof of every card",
        )
        parser.add_argument(
            "--master-key",
            type=Path,
            metavar="FILE",
            help="restore nothing, but write the backup's master key into a new FILE;"
            " CARDGEN_BACKUP_PASSPHRASE opens it",
        )

    @ending_plainly(interrupted="give the command again: it begins anew")
    def handle(self, *_: object, **options: Any) -> None:
        """Take out the key, rehearse, or restore."""
        folder, identity = options["backup"], options["identity"]
        if folder is None and not options["recorded"]:
            raise CommandError("say which backup", returncode=ExitCode.BAD_REQUEST)
        if options["master_key"]:
            with written(options["master_key"]):
                check = backup.read(folder).key_check
                backup.take_out(folder, into=options["master_key"], check=check)
        elif options["into_scratch"]:
            backup.rehearse(folder, identity=identity, say=self.stderr.write)
            self.stderr.write("every card is there once, and is its own")
        else:
            self._restore(folder, identity=identity, options=options)

    def _restore(
        self, folder: Path | None, *, identity: Path | None, options: dict[str, Any]
    ) -> None:
        embedded = servers.running(settings.VAR) if settings.EMBEDDED_DATABASE else nullcontext()
        with embedded:
            if folder:
                finish = partial(self._finish, options)
                backup.restore(folder, identity=identity, say=self.stderr.write, finish=finish)
            else:
                backup.require_whole()
                self._step(options)

    def _finish(self, options: dict[str, Any], made: backup.Manifest) -> None:
        moment = f"{made.made_at:%Y-%m-%d %H:%M:%S} UTC"
        self.stderr.write(f"{counted(made.cards, 'card')} as of {moment}")
        if options["recorded"]:
            self._step(options)
        else:
            self.stderr.write("before anything else runs: cardgen advance_cursors")

    def _step(self, options: dict[str, Any]) -> None:
        call_command(
            "advance_cursors",
            recorded=options["recorded"],
            lost_at=options["lost_at"],
            reason="the database was restored",
            stdout=self.stderr,
        )
