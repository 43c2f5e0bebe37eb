"""Break cardgen on purpose, and prove that nothing is lost."""

import json
import secrets
import subprocess
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cardgen.chaos import place, report, suite
from cardgen.chaos.outcome import Size
from cardgen.chaos.scenario import Scenario

BAD_REQUEST, INTERRUPTED = 2, 130


class Command(BaseCommand):
    """Report on stdout and in files; progress on stderr."""

    help = (
        "Kill, freeze and flush real processes and servers, all of them its own and throw-away, and"
        " prove after each scenario that no card is lost or there twice. Exit codes: 0 every"
        " scenario passed, 1 one did not, 2 bad request, 130 interrupted."
    )
    requires_system_checks = ()  # they ask the database of this installation, which is not used

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--list", action="store_true", help="show the scenarios and stop")
        parser.add_argument("--scenario", action="append", metavar="ID", help="may be repeated")
        parser.add_argument("--full", action="store_true", help="many more faults, about an hour")
        parser.add_argument("--seed", type=int, help="repeats the same choices; random if absent")
        parser.add_argument("--out", type=Path, help="folder for chaos.md, chaos.json and logs")
        parser.add_argument("--size", choices=[*Size], default=Size.USUAL, help=SUPPRESS)
        parser.add_argument("--here", action="store_true", help=SUPPRESS)
        parser.add_argument("--install", action="store_true", help=SUPPRESS)

    def handle(self, *_: object, **options: Any) -> None:
        """Run the scenarios; fail unless all passed."""
        size = Size.FULL if options["full"] else Size(options["size"])
        seed = secrets.randbelow(10**9) if options["seed"] is None else options["seed"]
        if options["install"]:
            place.install()
        elif options["list"]:
            self.stdout.write(report.listing(suite.SCENARIOS, size=size))
        elif options["here"]:
            self._run_here(_chosen(options["scenario"])[0], size=size, seed=seed)
        else:
            self._run_all(_chosen(options["scenario"]), size=size, seed=seed, out=options["out"])

    def _run_here(self, scenario: Scenario, *, size: Size, seed: int) -> None:
        outcome = suite.run(scenario, size=size, seed=seed, var=settings.VAR)
        self.stdout.write(json.dumps(outcome.as_dict()))

    def _run_all(
        self, scenarios: list[Scenario], *, size: Size, seed: int, out: Path | None
    ) -> None:
        try:
            with place.laboratory() as folder:
                outcomes = [
                    self._run(one, size=size, seed=seed, folder=folder) for one in scenarios
                ]
                if out is not None:
                    report.save(outcomes, size=size, seed=seed, out=out, logs=folder)
        except KeyboardInterrupt:
            raise CommandError("interrupted", returncode=INTERRUPTED) from None
        self.stdout.write(report.markdown(outcomes, size=size, seed=seed))
        failed = [outcome["scenario"] for outcome in outcomes if not outcome["passed"]]
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}", returncode=1)

    def _run(self, scenario: Scenario, *, size: Size, seed: int, folder: Path) -> dict[str, Any]:
        self.stderr.write(f"{scenario.id}: {scenario.fault}, {scenario.count(size)} times")
        try:
            outcome = place.run_apart(scenario, size=size, seed=seed, place=folder)
        except subprocess.CalledProcessError as error:
            outcome = report.crashed(scenario, seed=seed, code=error.returncode)
        verdict = "passed" if outcome["passed"] else f"FAILED: {'; '.join(outcome['problems'])}"
        self.stderr.write(f"{scenario.id}: {verdict} ({outcome['seconds']} s)")
        return outcome


def _chosen(names: list[str] | None) -> list[Scenario]:
    known = {scenario.id: scenario for scenario in suite.SCENARIOS}
    unknown = [name for name in names or [] if name not in known]
    if unknown:
        raise CommandError(
            f"there is no scenario {unknown[0]!r}; there are {', '.join(known)}",
            returncode=BAD_REQUEST,
        )
    return [known[name] for name in names or known]
