"""Scenarios one after the other and side by side."""

import re
from pathlib import Path

from chaos import lanes
from chaos.lanes import RunPlan
from chaos.outcome import Size
from chaos.place import Laboratory
from chaos.scenario import Scenario
from chaos.suite import SCENARIOS


def named(*names: str) -> list[Scenario]:
    return [one for one in SCENARIOS if one.id in names]


def crash_all(scenarios: list[Scenario], *, jobs: int, folder: Path) -> tuple[list[str], list[str]]:
    """Run in a folder without an installation: each crashes; return who began, and the outcomes."""
    said: list[str] = []
    plan = RunPlan(size=Size.SMALLEST, seed=1, jobs=jobs)
    laboratory = Laboratory(folder)
    outcomes = lanes.run(scenarios, plan=plan, laboratory=laboratory, say=said.append)
    begun = [line.split(":")[0] for line in said if re.search(r", \d+ times?$", line)]
    return begun, [outcome["scenario"] for outcome in outcomes]


def test_what_measures_a_rate_runs_first_and_the_longest_next(tmp_path):
    begun, reported = crash_all(named("R1", "R2", "R6", "R14", "R22"), jobs=1, folder=tmp_path)
    assert begun == ["R1", "R14", "R22", "R2", "R6"]
    assert reported == ["R1", "R2", "R6", "R14", "R22"]


def test_a_scenario_that_crashes_is_a_failure_of_that_one_alone(tmp_path):
    plan = RunPlan(size=Size.SMALLEST, seed=1, jobs=2)
    outcomes = lanes.run(
        named("R6", "R23"), plan=plan, laboratory=Laboratory(tmp_path), say=lambda _: None
    )
    assert [outcome["passed"] for outcome in outcomes] == [False, False]
    assert "crashed" in outcomes[0]["problems"][0]


def test_only_what_is_quiet_runs_beside_what_measures_a_rate():
    assert [one.id for one in SCENARIOS if one.alone] == ["R1"]
    assert [one.id for one in SCENARIOS if one.quiet] == ["R14"]
