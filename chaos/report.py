"""The report of a run: Markdown for people, JSON for programs."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chaos.outcome import Outcome, Size
from chaos.scenario import Scenario
from toolkit.wording import counted

_HEADER = """\
| | faults done | cards | twice | lost | jobs failed | recovery median / worst | verdict |
|---|---|---|---|---|---|---|---|"""


def listing(scenarios: Sequence[Scenario], *, size: Size) -> str:
    """Describe the scenarios, a paragraph each."""
    return "\n".join(
        f"{one.id:<4} {one.fault} ({counted(one.count(size), 'time')})\n"
        f"     passes if: {one.passes}"
        for one in scenarios
    )


def markdown(
    outcomes: Sequence[dict[str, Any]], *, size: Size, seed: int, left_out: Sequence[str] = ()
) -> str:
    """Write the report for people.

    :param left_out: scenarios that could not be run here
    """
    not_run = f"; not run: {', '.join(left_out)}" if left_out else ""
    passed = sum(outcome["passed"] for outcome in outcomes)
    seconds = sum(outcome["seconds"] for outcome in outcomes)
    rows = [_row(outcome) for outcome in outcomes]
    notes = [line for outcome in outcomes for line in _notes(outcome)]
    return "\n".join(
        [
            f"# Chaos: {passed} of {len(outcomes)} scenarios passed{not_run}",
            "",
            f"{seconds:.0f} s. The same again: `{command(outcomes, size=size, seed=seed)}`",
            "",
            *(_HEADER, *rows),
            "",
            *notes,
        ]
    )


def command(outcomes: Sequence[dict[str, Any]], *, size: Size, seed: int) -> str:
    """Give the command that makes the same choices again."""
    chosen = [f"--scenario {outcome['scenario']}" for outcome in outcomes]
    options = {Size.FULL: ["--full"], Size.SMALLEST: ["--size smallest"], Size.USUAL: []}[size]
    return " ".join(["python -m chaos", *chosen, *options, f"--seed {seed}"])


def try_out(out: Path | None) -> None:
    """Make the folder now, and see that files can be written there: the run may take an hour.

    :raises OSError: if not
    """
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass


def files_in(out: Path) -> tuple[Path, Path]:
    """Name the report in a folder: as a page, and in JSON."""
    return out / "chaos.md", out / "chaos.json"


def save(
    outcomes: Sequence[dict[str, Any]],
    *,
    size: Size,
    seed: int,
    out: Path,
    logs: Path,
    left_out: Sequence[str] = (),
) -> None:
    """Write chaos.md and chaos.json into a folder, and the logs of what failed beside them."""
    try_out(out)
    page, figures = files_in(out)
    page.write_text(markdown(outcomes, size=size, seed=seed, left_out=left_out) + "\n")
    found = {
        "passed": all(outcome["passed"] for outcome in outcomes),
        "seed": seed,
        "size": size,
        "command": command(outcomes, size=size, seed=seed),
        "not_run": list(left_out),
        "outcomes": list(outcomes),
    }
    figures.write_text(json.dumps(found, indent=2) + "\n")
    for outcome in outcomes:
        if not outcome["passed"]:
            _save_logs(logs / outcome["scenario"], out / outcome["scenario"])


def crashed(scenario: Scenario, *, seed: int, code: int) -> dict[str, Any]:
    """Describe a scenario whose process ended without an outcome."""
    outcome = Outcome(scenario=scenario.id, seed=seed)
    outcome.problems.append(f"the scenario itself crashed (exit code {code})")
    return outcome.as_dict()


def _save_logs(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for log in source.glob("*.log"):
        shutil.copy(log, target)


def _row(outcome: dict[str, Any]) -> str:
    faults = ", ".join(f"{count:,} {name}" for name, count in outcome["faults"].items())
    spread = outcome["recovery_seconds"]
    recovery = f"{spread['median']} / {spread['worst']} s" if spread else ""
    verdict = "passed" if outcome["passed"] else "**FAILED**"
    counts = [outcome[name] for name in ("cards", "duplicates", "lost", "jobs_failed")]
    figures = " | ".join(f"{count:,}" for count in counts)
    return f"| {outcome['scenario']} | {faults} | {figures} | {recovery} | {verdict} |"


def _notes(outcome: dict[str, Any]) -> Iterator[str]:
    facts = [f"{name.replace('_', ' ')} {value}" for name, value in outcome["facts"].items()]
    told = "; ".join([*facts, f"{outcome['seconds']} s"])
    yield f"* {outcome['scenario']}: {told}."
    yield from (f"    * not so: {problem}" for problem in outcome["problems"])
