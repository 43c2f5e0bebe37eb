"""Break cardgen on purpose, and prove that nothing is lost."""

import json
import secrets
import traceback
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from cardgen.embedded import postgres
from chaos import interrupts, lanes, place, report, suite
from chaos.lanes import RunPlan
from chaos.outcome import Size
from chaos.scenario import Scenario
from chaos.world import cluster
from toolkit.command_line import ending_plainly, written
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode
from toolkit.new_files import add_force, require_new

MOST_JOBS, MOST_MINUTES = 8, 10_080
_NO_CLUSTER = (
    f"name in {cluster.VARIABLE} the folder of the programs of a PostgreSQL {postgres.VERSION} that"
    " has the extension Citus"
)


class Command(OperatorCommand):
    """Report on stdout and in files; progress on stderr."""

    help = (
        "Kill, freeze and flush real processes and servers, all of them its own and throw-away, and"
        " prove after each scenario that no card is lost or there twice. Exit code 1: one"
        " did not pass."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--list", action="store_true", help="show the scenarios and stop")
        parser.add_argument("--scenario", action="append", metavar="ID", help="may be repeated")
        parser.add_argument("--full", action="store_true", help="many more faults, about an hour")
        parser.add_argument("--seed", type=int, help="repeats the same choices; random if absent")
        parser.add_argument("--out", type=Path, help="folder for chaos.md, chaos.json and logs")
        add_force(parser)
        parser.add_argument("--jobs", type=int, default=1, help="scenarios at once, 1 to 8")
        parser.add_argument("--minutes", type=float, help="how long R22 lasts")
        parser.add_argument("--size", choices=[*Size], default=Size.USUAL, help=SUPPRESS)
        parser.add_argument("--here", action="store_true", help=SUPPRESS)
        parser.add_argument("--install", action="store_true", help=SUPPRESS)

    @ending_plainly()
    def handle(self, *_: object, **options: Any) -> None:
        """Run the scenarios; fail unless all passed."""
        with interrupts.as_one():
            self._handle(options)

    def _handle(self, options: dict[str, Any]) -> None:
        size = Size.FULL if options["full"] else Size(options["size"])
        seed = secrets.randbelow(10**9) if options["seed"] is None else options["seed"]
        scenarios = _chosen(options["scenario"])
        if options["install"]:
            place.install()
        elif options["list"]:
            self.stdout.write(report.listing(scenarios, size=size))
        elif options["here"]:
            self._run_here(scenarios[0], size=size, seed=seed, minutes=options["minutes"])
        else:
            _check(options)
            plan = RunPlan(size=size, seed=seed, jobs=options["jobs"], minutes=options["minutes"])
            _refuse_impossible(scenarios, named=bool(options["scenario"]))
            self._run_all(scenarios, plan=plan, out=options["out"])

    def _run_here(
        self, scenario: Scenario, *, size: Size, seed: int, minutes: float | None
    ) -> None:
        try:
            outcome = suite.run(scenario, size=size, seed=seed, var=settings.VAR, minutes=minutes)
        except Exception:
            traceback.print_exc()  # one line, as commands end elsewhere, would not say where
            raise
        self.stdout.write(json.dumps(outcome.as_dict()))

    def _run_all(self, scenarios: list[Scenario], *, plan: RunPlan, out: Path | None) -> None:
        left_out = _impossible(scenarios)
        if left_out:
            self.stderr.write(f"not run: {', '.join(left_out)}: {_NO_CLUSTER}")
        able = [one for one in scenarios if one.id not in left_out]
        told: dict[str, Any] = {"size": plan.size, "seed": plan.seed, "left_out": left_out}
        with place.laboratory() as laboratory:
            outcomes = lanes.run(able, plan=plan, laboratory=laboratory, say=self.stderr.write)
            self.stdout.write(report.markdown(outcomes, **told))
            if out is not None:
                report.save(outcomes, out=out, logs=laboratory.folder, **told)
        failed = [outcome["scenario"] for outcome in outcomes if not outcome["passed"]]
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}", returncode=ExitCode.FAILED)


def _check(options: dict[str, Any]) -> None:
    """Refuse what makes no sense before anything is started."""
    if not 1 <= options["jobs"] <= MOST_JOBS:
        raise CommandError(f"--jobs is from 1 to {MOST_JOBS}", returncode=ExitCode.BAD_REQUEST)
    minutes = options["minutes"]
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise CommandError(
            f"--minutes is more than 0 and at most {MOST_MINUTES:,}",
            returncode=ExitCode.BAD_REQUEST,
        )
    with written(options["out"]):
        report.try_out(options["out"])
    if options["out"] is not None:
        require_new(report.files_in(options["out"]), force=options["force"])


def _chosen(names: list[str] | None) -> list[Scenario]:
    known = {scenario.id: scenario for scenario in suite.SCENARIOS}
    unknown = [name for name in names or [] if name not in known]
    if unknown:
        raise CommandError(
            f"there is no scenario {unknown[0]!r}; there are {', '.join(known)}",
            returncode=ExitCode.BAD_REQUEST,
        )
    return [known[name] for name in names or known]


def _refuse_impossible(scenarios: list[Scenario], *, named: bool) -> None:
    """Refuse those that were asked for by name and need what is not here."""
    if named and (unable := _impossible(scenarios)):
        raise CommandError(f"{', '.join(unable)}: {_NO_CLUSTER}", returncode=ExitCode.BAD_REQUEST)


def _impossible(scenarios: list[Scenario]) -> list[str]:
    return [] if cluster.PROGRAMS else [one.id for one in scenarios if one.cluster]
