"""Part the ledger over several servers, while jobs go on."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections

from jobs import work
from toolkit.command_line import ending_plainly, whole
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.wording import counted
from uniqueness import sharding

_MOST_SHARDS, _USUAL_SHARDS = 256, 8
_OTHER_SHARDS = (
    "nothing was changed: the ledger has {there}. Another number needs --undo first, and then this"
    " again"
)
_LOST = (
    "What is given up: no unique index over the slot is left (one card in each place of a"
    " range). The number stays unique by its index. And a proof of everything must wait until"
    " nothing is made. docs/scaling.md tells more."
)
_WAITS = (
    "Nobody reads or writes the ledger while it comes back, and all of it must have room on the"
    " coordinator. The queue must be paused until then."
)
_NOT_AT_REST = (
    "Pause the queue (cardgen queue --pause --reason …) and wait until no chunk runs: whoever"
    " writes the ledger would wait until all of it has come back."
)
_NOBODY = "nobody can be asked here: give --yes"
_AGREED, _AGREED_BACK = "distribute", "undo"
_AFTER = (
    "Done. Restart web, workers and reconciler one by one, so that their connections have the new"
    " settings, and give RECONNECT to PgBouncer, if there is one; then pause the queue once and run"
    " cardgen validate_uniqueness."
)
_POOLED = (
    "Not through PgBouncer, nothing was changed: what is set for this command would stay with a"
    " connection that others get. Give the server's own address in CARDGEN_OWNER_DATABASE_URL."
)
_AFTER_BACK = (
    "Done. Restart web, workers and reconciler one by one, run cardgen validate_uniqueness, and let"
    " the queue go on."
)


class Command(OperatorCommand):
    """Each step may be done again: an interrupted one goes on from there, or is undone."""

    help = (
        "Part the ledger by the card number into shards on the nodes of a Citus cluster, online."
        " Looks at every node first, says what is given up, and asks. An interrupted one may be"
        " run again. Read docs/scaling.md before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--shards",
            type=whole(least=1, most=_MOST_SHARDS),
            help="2 to 4 for each node that you plan for; to change it, --undo first (default"
            f" {_USUAL_SHARDS})",
        )
        parser.add_argument(
            "--undo",
            action="store_true",
            help="bring it back into one table, also what an interrupted one left",
        )
        parser.add_argument("--dry-run", action="store_true", help="look and tell; change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    @ending_plainly(interrupted="run it again to go on from there")
    def handle(self, *_: object, **options: Any) -> None:
        """Look, ask, do."""
        try:
            self._handle(options)
        finally:
            if connections["owner"] is not connections["default"]:
                connections["owner"].close()

    def _handle(self, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self._plan(options)
            return
        if settings.CARDGEN_POOLED and _same_server():
            raise CommandError(_POOLED, returncode=ExitCode.REFUSED)
        with sharding.alone(connections["owner"]):
            if steps := self._plan(options):
                self._carry_out(steps, options)

    def _plan(self, options: dict[str, Any]) -> list[sharding.Step]:
        """Look, and show what is to be done."""
        undo = options["undo"]
        steps = list(self._back() if undo else self._forth(options["shards"]))
        if steps:
            self._show(steps, undo=undo)
        else:
            place = "in one table" if undo else f"distributed in {_shards()}"
            self.stdout.write(f"the ledger is {place} already: nothing to do")
        return steps

    def _carry_out(self, steps: list[sharding.Step], options: dict[str, Any]) -> None:
        undo = options["undo"]
        if not options["yes"]:
            self._agree(word=_AGREED_BACK if undo else _AGREED)
        for step in steps:
            self._do(step)
        self.stderr.write(_AFTER_BACK if undo else _AFTER)

    def _forth(self, shards: int | None) -> Iterator[sharding.Step]:
        if sharding.is_distributed():
            if shards and counted(shards, "shard") != _shards():
                told = _OTHER_SHARDS.format(there=_shards())
                raise CommandError(told, returncode=ExitCode.REFUSED)
            return
        owner = connections["owner"]
        roles = [connections[alias].settings_dict["USER"] for alias in ("default", "owner")]
        _require([*sharding.lacking(owner), *sharding.unmet(owner, roles=sorted(set(roles)))])
        yield from sharding.steps(owner, shards=shards or _USUAL_SHARDS)

    def _back(self) -> Iterator[sharding.Step]:
        if sharding.is_distributed() and not work.is_at_rest():
            raise CommandError(_NOT_AT_REST, returncode=ExitCode.REFUSED)
        if steps := list(sharding.steps_back(connections["owner"])):
            _require(list(sharding.lacking(connections["owner"])))
        yield from steps

    def _show(self, steps: list[sharding.Step], *, undo: bool) -> None:
        self.stdout.write("To do:\n" if undo else "every node is ready. To do:\n")
        for place, step in enumerate(steps, start=1):
            self.stdout.write(f"  {place}. {step.words}\n     {step.statement}")
        self.stdout.write(f"\n{_WAITS if undo else _LOST}")

    @ending_plainly(interrupted="nothing was changed")
    def _agree(self, *, word: str) -> None:
        if not sys.stdin.isatty():
            raise CommandError(_NOBODY, returncode=ExitCode.BAD_REQUEST)
        if _typed(f"Type {word} to go on: ") != word:
            raise CommandError("nothing was changed", returncode=ExitCode.REFUSED)

    def _do(self, step: sharding.Step) -> None:
        begun = time.monotonic()
        self.stderr.write(f"{step.words} …")
        sharding.carry_out(connections["owner"], step)
        self.stderr.write(f"  done in {time.monotonic() - begun:.1f} s")


def _require(unmet: list[sharding.Unmet]) -> None:
    if unmet:
        told = "\n".join(f"  {one}" for one in unmet)
        raise CommandError(f"not ready, nothing was changed:\n{told}", returncode=ExitCode.REFUSED)


def _shards() -> str:
    return counted(len(sharding.on_shards("SELECT 1")), "shard")


def _typed(prompt: str) -> str:
    """Ask; nothing, if the input ends there (Ctrl-D)."""
    try:
        return input(prompt).strip()
    except EOFError:
        return ""


def _same_server() -> bool:
    """Tell whether the owner comes by the address that all others take."""
    ways = (connections[alias].get_connection_params() for alias in ("owner", "default"))
    mine, theirs = ((way.get("host"), way.get("port")) for way in ways)
    return mine == theirs
