"""Part the ledger over several servers, while jobs go on."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import connections

from toolkit.command_line import ending_plainly, whole
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from uniqueness import sharding

_MOST_SHARDS = 256
_LOST = (
    "What is given up, for good: no unique index over the slot is left (one card in each place of a"
    " range). The number stays unique by its index. And a proof of everything must wait until"
    " nothing is made. docs/scaling.md tells more."
)
_NOBODY = "nobody can be asked here: give --yes"
_AGREED = "distribute"
_AFTER = (
    "Done. Restart web, workers and reconciler one by one, so that their connections have the new"
    " settings; then pause the queue once and run cardgen validate_uniqueness."
)


class Command(OperatorCommand):
    """There is no way back but a backup."""

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
            default=8,
            help="2 to 4 for each node that you plan for; cannot be changed later (default 8)",
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
        owner = connections["owner"]
        roles = [connections[alias].settings_dict["USER"] for alias in ("default", "owner")]
        if found := sharding.unmet(owner, roles=sorted(set(roles))):
            raise CommandError(
                "not ready, nothing was changed:\n" + "\n".join(f"  {one}" for one in found),
                returncode=ExitCode.REFUSED,
            )
        if sharding.is_distributed():
            self.stdout.write("the ledger is distributed already: nothing to do")
            return
        steps = list(sharding.steps(owner, shards=options["shards"]))
        self._show(steps)
        if not options["dry_run"]:
            self._agree(asked=not options["yes"])
            for step in steps:
                self._do(step)
            self.stderr.write(_AFTER)

    def _show(self, steps: list[sharding.Step]) -> None:
        self.stdout.write("every node is ready. To do:\n")
        for place, step in enumerate(steps, start=1):
            self.stdout.write(f"  {place}. {step.words}\n     {step.statement}")
        self.stdout.write(f"\n{_LOST}")

    def _agree(self, *, asked: bool) -> None:
        if not asked:
            return
        if not sys.stdin.isatty():
            raise CommandError(_NOBODY, returncode=ExitCode.BAD_REQUEST)
        if input(f"Type {_AGREED} to go on: ").strip() != _AGREED:
            raise CommandError("nothing was changed", returncode=ExitCode.REFUSED)

    def _do(self, step: sharding.Step) -> None:
        begun = time.monotonic()
        self.stderr.write(f"{step.words} …")
        sharding.carry_out(connections["owner"], step)
        self.stderr.write(f"  done in {time.monotonic() - begun:.1f} s")
