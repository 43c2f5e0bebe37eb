"""From a backup into an empty database, whole or not at all."""

import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from cardgen.backup import encryption, guard, programs
from cardgen.backup.errors import NotRestored
from cardgen.backup.files import check_files
from cardgen.backup.manifest import Manifest, read
from cardgen.backup.state import server_version
from uniqueness import sharding

# What lies in the schema, for the schema itself is there.
_OPTIONS = (
    *("--schema=public", "--single-transaction", "--exit-on-error"),
    *("--no-owner", "--no-privileges"),
)


def restore(
    folder: Path,
    *,
    identity: Path | None = None,
    say: Callable[[str], None] = lambda _text: None,
    finish: Callable[[Manifest], None] = lambda _made: None,
) -> Manifest:
    """Restore the backup in a folder, then migrate to what this cardgen needs.

    Killed at any moment, it is done anew by the same call; until then nobody can write.

    :param identity: the file with age's secret key, if the backup is encrypted
    :param finish: what else is to be done before others may write
    :raises NotRestored: if the backup is damaged, of a newer cardgen, or not to be read with that
        key; if the master key is another one, or the database is not empty
    """
    manifest = read(folder)
    _require_fitting(manifest)
    with guard.raised(say=say):
        say("comparing checksums")
        check_files(folder, manifest.files)
        say("restoring")
        _load(folder / manifest.dump, identity=identity, version=server_version())
        say("migrating")
        call_command("migrate", verbosity=0, interactive=False)
        sharding.make_whole(connections["owner"])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        finish(manifest)
    return manifest


def _require_fitting(manifest: Manifest) -> None:
    known = {".".join(one) for one in MigrationLoader(None).disk_migrations}
    unknown = [one for one in manifest.migrations if one not in known]
    if unknown:
        raise NotRestored(
            f"The backup was made by a newer cardgen (migration {unknown[0]}): restore it with"
            " that one."
        )
    if not manifest.key_check.fits(settings.CARDGEN_MASTER_KEY):
        raise NotRestored(
            "The backup's cards were made with another master key. Set the right one; if the"
            " backup holds it: cardgen restore BACKUP --master-key FILE"
        )


def _load(dump: Path, *, identity: Path | None, version: int) -> None:
    database, environment = programs.way()
    may_write = {"PGOPTIONS": f"-c {guard.SETTING}=off"}
    command = [programs.located("pg_restore", version=version), *_OPTIONS, database]
    with TemporaryDirectory() as place:
        log = Path(place) / "pg_restore.log"
        with log.open("w") as said:
            child = subprocess.Popen(  # noqa: S603 (the command is ours)
                command,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                env={**environment, **may_write},
            )
            code = _fed(child, dump, identity=identity)
        if code:
            raise NotRestored(f"pg_restore could not restore it: {programs.complaint(log)}")


def _fed(child: "subprocess.Popen[bytes]", dump: Path, *, identity: Path | None) -> int:
    """Send the dump to pg_restore; kill it, which rolls all back, if that cannot go on."""
    target = cast("IO[bytes]", child.stdin)
    with child:
        try:
            with suppress(BrokenPipeError), target:
                encryption.unseal(dump, target, identity=identity)
        except BaseException:  # Ctrl-C too: half a dump must not be taken for its end
            child.kill()
            raise
    return child.returncode
