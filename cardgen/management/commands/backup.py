"""Back up the database, and, behind a passphrase, the master key."""

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from cardgen import backup
from cardgen.embedded import servers
from toolkit.command_line import ending_plainly, whole, written
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted

_MOST_KEPT = 10_000


class Command(OperatorCommand):
    """Prints the new backup's folder on stdout; everything else goes to stderr."""

    help = (
        "Make a backup in a new folder cardgen-DATE below FOLDER, while everything goes on. Exit"
        " code 1: it was made, and --verify found that it is not good."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("folder", type=Path, nargs="?", help="is made if it is not there")
        parser.add_argument(
            "--keep",
            type=whole(least=1, most=_MOST_KEPT),
            metavar="N",
            help="afterwards delete all but the newest N backups in FOLDER",
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="restore it into a scratch server (in TMPDIR) and prove every card there",
        )
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="age's secret key, for --verify"
        )
        parser.add_argument(
            "--new-identity",
            type=Path,
            metavar="FILE",
            help="make no backup, but a key pair for CARDGEN_BACKUP_RECIPIENTS: the secret key goes"
            " into FILE, the public one is printed",
        )

    @ending_plainly(interrupted="no backup was made")
    def handle(self, *_: object, **options: Any) -> None:
        """Make the key pair or the backup."""
        if options["new_identity"]:
            self.stdout.write(backup.new_identity(options["new_identity"]))
            return
        if options["folder"] is None:
            raise CommandError("say into which FOLDER", returncode=ExitCode.BAD_REQUEST)
        embedded = servers.running(settings.VAR) if settings.EMBEDDED_DATABASE else nullcontext()
        with embedded:
            made = self._made(options["folder"])
        if options["verify"]:
            self._verify(made, identity=options["identity"])
        for gone in backup.prune(options["folder"], keep=options["keep"] or _MOST_KEPT):
            self.stderr.write(f"deleted {gone}")
        self.stdout.write(str(made))

    def _made(self, folder: Path) -> Path:
        quiet = not sys.stderr.isatty()
        with (
            written(folder),
            tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=quiet, desc="dumping") as bar,
        ):
            made = backup.create(folder, watch=bar.update)
        manifest = backup.read(made)
        size = sum(file.bytes for file in manifest.files.values())
        self.stderr.write(f"{counted(manifest.cards, 'card')}, {counted(size, 'byte')}")
        if not settings.CARDGEN_BACKUP_RECIPIENTS:
            self.stderr.write("not encrypted: CARDGEN_BACKUP_RECIPIENTS is not set")
        if not settings.CARDGEN_BACKUP_PASSPHRASE:
            self.stderr.write("without the master key: keep that in another safe place")
        return made

    def _verify(self, made: Path, *, identity: Path | None) -> None:
        try:
            backup.rehearse(made, identity=identity, say=self.stderr.write)
        except backup.NotRestored as refusal:
            raise CommandError(
                f"{made} is not good. {refusal.detail}", returncode=ExitCode.FAILED
            ) from None
        self.stderr.write("every card is there once, and is its own")
