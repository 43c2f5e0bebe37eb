"""Say who holds locks of our tables, and end a session that nobody misses."""

from argparse import ArgumentParser
from typing import Any

from django.db import connections

from cardgen.upgrade import Session, end_session, lock_holders
from toolkit.command_line import ending_plainly, whole
from toolkit.commands import OperatorCommand
from toolkit.wording import counted

_MOST_PID = 999_999_999


class Command(OperatorCommand):
    """What a session asks is not shown: card numbers may stand in it."""

    help = (
        "List the sessions that are in a transaction and hold locks of tables, the oldest first:"
        " what a migration may wait for. --end has one end; what it did is rolled back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--end", type=whole(least=1, most=_MOST_PID), metavar="SESSION")

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """List them, or end one."""
        if options["end"]:
            self.stdout.write(f"ended: {_told(end_session(options['end']))}")
        else:
            self._list()
        if connections["owner"] is not connections["default"]:
            connections["owner"].close()

    def _list(self) -> None:
        found = lock_holders()
        for one in found:
            self.stdout.write(_told(one))
        self.stderr.write(f"{counted(len(found), 'session')} with locks")


def _told(one: Session) -> str:
    tables = ", ".join(one.tables)
    return f"{one.pid}  {one.user}  {one.state} for {one.seconds:,} s: {tables}"
