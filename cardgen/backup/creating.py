"""Make a backup: one moment of the database, dumped, encrypted, counted and named."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tqdm.utils import CallbackIOWrapper

from cardgen.backup import encryption, escrow, guard, keeping, programs
from cardgen.backup.errors import NotBackedUp
from cardgen.backup.files import digest
from cardgen.backup.manifest import DUMP
from cardgen.backup.state import applied, of_now
from uniqueness.proof.moment import one_moment

_LOG = "pg_dump.log"
# Sessions of the web are nobody's business later. What is no table of ours is made by `migrate`.
OPTIONS = (
    *("--format=custom", "--compress=gzip:1", "--schema=public", "--no-owner", "--no-privileges"),
    *("--exclude-table-data=django_session", "--lock-wait-timeout=60s"),
)


def create(folder: Path, *, watch: Callable[[int], object] = lambda _size: None) -> Path:
    """Back the database up into a new folder there; jobs may go on meanwhile.

    :param watch: is told how many bytes more were written
    :raises NotBackedUp: if it cannot be dumped
    :raises NotRestored: if it is half restored
    :raises OSError: if the folder cannot be written
    """
    with one_moment() as snapshot:
        _require_tables()
        guard.require_whole()
        manifest = of_now()
        name = manifest.made_at.strftime("%Y%m%dT%H%M%S.%fZ")
        with keeping.draft(folder, name=name) as place:
            _dump(place, snapshot=str(snapshot), version=manifest.postgres, watch=watch)
            escrow.put_in(place)
            files = {one.name: digest(one) for one in sorted(place.iterdir())}
            replace(manifest, files=files).write(place)
    return keeping.named(folder, name)


def _require_tables() -> None:
    if not applied():
        raise NotBackedUp("The database is empty: run `cardgen migrate`, or set DATABASE_URL.")


def _dump(place: Path, *, snapshot: str, version: int, watch: Callable[[int], object]) -> None:
    database, environment = programs.way()
    program = programs.located("pg_dump", version=version)
    command = [program, *OPTIONS, f"--snapshot={snapshot}", database]
    target = place / (DUMP + (encryption.SUFFIX if encryption.recipients() else ""))
    log = place / _LOG
    with log.open("w") as said, target.open("wb") as file:
        child = subprocess.Popen(  # noqa: S603 (the command is ours)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=environment
        )
        _keep(child, CallbackIOWrapper(watch, file, "write"))
    if child.returncode:
        raise NotBackedUp(f"pg_dump could not read the database: {programs.complaint(log)}")
    log.unlink()


def _keep(child: "subprocess.Popen[bytes]", file: object) -> None:
    """Keep what pg_dump prints; end it if that cannot go on."""
    with child:
        try:
            encryption.seal(child.stdout, file)
        except BaseException:  # Ctrl-C too: else we would wait for a pg_dump that nobody reads
            child.kill()
            raise
