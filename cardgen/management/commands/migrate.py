"""Django's `migrate`, as the owner of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.migrations import Migration
from psycopg.errors import LockNotAvailable

from cardgen.management.grants import grant
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode

_PATIENCE = 5_000  # ms for a lock. Who needs the table meanwhile waits behind us, web requests too.
_FOR_EVER = 0
_NO_LOCK = (
    "{migration} did not get its lock within {seconds:.0f} s, and has changed nothing. `cardgen"
    " locks` says who holds it (docs/runbooks.md)"
)


class Command(migrate.Command, OperatorCommand):
    """What it makes belongs to the owner; the application then gets the rights that it needs."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the owner's connection unless another one is named."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Migrate, then grant.

        :raises CommandError: refused, if a lock could not be had
        """
        owner, application = connections[options["database"]], connections["default"]
        self._owner = owner
        with self._naming_locks():
            super().handle(*arguments, **options)
        role = str(application.settings_dict["USER"])
        changed = not (options["plan"] or options["check_unapplied"])
        if changed and role != owner.settings_dict["USER"]:
            grant(role, using=options["database"])
        if owner is not application:
            owner.close()

    @contextmanager
    def _naming_locks(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            self._wait_for_locks(_FOR_EVER)
            self.stdout.write("", ending="\n" if self.verbosity else "")  # it named the migration
            text = _NO_LOCK.format(migration=self._current, seconds=_PATIENCE / 1_000)
            raise CommandError(text, returncode=ExitCode.REFUSED) from None

    def migration_progress_callback(
        self,
        action: str,
        migration: Migration | None = None,
        fake: bool = False,  # noqa: FBT001, FBT002 (Django's)
    ) -> None:
        """Let a migration wait for its locks but a moment.

        One that is not atomic builds an index while all go on, and may wait for them.
        """
        super().migration_progress_callback(action, migration, fake)
        if migration is None:
            return
        self._current = str(migration)
        begins = action in {"apply_start", "unapply_start"}
        self._wait_for_locks(_PATIENCE if begins and migration.atomic else _FOR_EVER)

    def _wait_for_locks(self, milliseconds: int) -> None:
        with self._owner.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(milliseconds)])
