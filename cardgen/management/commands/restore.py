"""Restore a backup into an empty database."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings

from cardgen import backup
from cardgen.embedded import servers
from toolkit.command_line import ending_plainly, written
from toolkit.commands import OperatorCommand
from toolkit.wording import counted


class Command(OperatorCommand):
    """What it says goes to stderr; a refusal leaves the database as it was."""

    help = (
        "Restore a backup into an empty database. Before that compare checksums, the master key"
        " and the version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("backup", type=Path, help="the folder cardgen-DATE")
        parser.add_argument("--identity", type=Path, metavar="FILE", help="age's secret key")
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

    @ending_plainly(interrupted="the database is as it was")
    def handle(self, *_: object, **options: Any) -> None:
        """Take out the key, rehearse, or restore."""
        folder, identity = options["backup"], options["identity"]
        if options["master_key"]:
            with written(options["master_key"]):
                check = backup.read(folder).key_check
                backup.take_out(folder, into=options["master_key"], check=check)
        elif options["into_scratch"]:
            backup.rehearse(folder, identity=identity, say=self.stderr.write)
            self.stderr.write("every card is there once, and is its own")
        else:
            self._restore(folder, identity=identity)

    def _restore(self, folder: Path, *, identity: Path | None) -> None:
        embedded = servers.running(settings.VAR) if settings.EMBEDDED_DATABASE else nullcontext()
        with embedded:
            manifest = backup.restore(folder, identity=identity, say=self.stderr.write)
        self.stderr.write(
            f"{counted(manifest.cards, 'card')} as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC."
            " Before anything else runs: manage.py advance_cursors"
        )
